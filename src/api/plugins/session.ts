/** One snapshot for each operation: opened before it runs, closed when its answer is complete. */

import type { Plugin } from 'graphql-yoga'
import { AppError } from '../../errors'
import type { ApiContext } from '../context'
import { toGraphQLError } from '../errors'
import type { Freshness, OpenSnapshot, Snapshot } from '../readers'
import type { ChainRow, HeadRow } from '../rows'
import { createSession, type MaxHeadAge, type Session } from '../session'

export type SessionOptions = {
  readonly openSnapshot: OpenSnapshot
  readonly nowMs: () => number
  readonly maxHeadAgeSeconds: MaxHeadAge
  readonly requestTimeoutMs: number
  readonly onHead: (request: Request, head: HeadRow) => void
}

/** The current snapshot of an operation; a subscription has one after the other. */
export type SessionHolder = {
  /** Of the current one: aborted when its time is over or the client gone. */
  readonly over: AbortSignal
  renew(): Promise<Session>
  release(): Promise<void>
  /** For good: one that is being opened is closed as soon as it is there. */
  end(): Promise<void>
}

export function createSessionHolder(
  options: SessionOptions,
  freshness: Freshness,
  request: Request,
): SessionHolder {
  let current: { readonly snapshot: Snapshot; readonly timer: NodeJS.Timeout } | null = null
  let ending = new AbortController()
  let isOver = false
  const cancel = () => {
    ending.abort()
    current?.snapshot.cancel()
  }
  const release = async () => {
    const ended = current
    current = null
    if (ended === null) return
    clearTimeout(ended.timer)
    await ended.snapshot.close()
  }
  const leave = () => {
    isOver = true
    cancel()
  }
  request.signal.addEventListener('abort', leave, { once: true })
  return {
    release,
    end: () => {
      isOver = true
      return release()
    },
    get over() {
      return ending.signal
    },
    renew: async () => {
      await release()
      ending = new AbortController()
      const snapshot = await options.openSnapshot(freshness)
      if (isOver) {
        await snapshot.close()
        throw new AppError('UNAVAILABLE', 'nobody waits for the answer')
      }
      current = { snapshot, timer: setTimeout(cancel, options.requestTimeoutMs) }
      options.onHead(request, snapshot.head)
      return createSession(snapshot, options.nowMs(), options.maxHeadAgeSeconds)
    },
  }
}

/** Absent: views are free. */
export type PayingContext = { payForView?: () => void }
type HeldContext = ApiContext & PayingContext & { readonly holder: SessionHolder }

export function sessionPlugin(chain: (context: ApiContext) => Promise<ChainRow>): Plugin {
  return {
    onExecute: async ({ args, setResultAndStopExecution }) => {
      const context = attach(args.contextValue, chain)
      try {
        await context.renewSession()
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        setResultAndStopExecution({ errors: [toGraphQLError(error)] })
        return undefined
      }
      return { onExecuteDone: () => context.holder.release() }
    },
    onSubscribe: ({ args }) => {
      const { holder } = attach(args.contextValue, chain)
      return {
        onSubscribeResult: ({ result, args: { contextValue } }) => {
          endWithClient(result, contextValue)
          return {
            onNext: () => holder.release(),
            onEnd: () => holder.end(),
          }
        },
      }
    },
  }
}

/** A client that is gone ends its subscription at once, not at the next event. */
function endWithClient(result: unknown, contextValue: unknown): void {
  const { request } = contextValue as { request: Request }
  const { return: end } = result as Partial<AsyncIterableIterator<unknown>>
  if (end === undefined) return
  request.signal.addEventListener('abort', () => void end.call(result), { once: true })
}

/** Yoga copies what its `context` option gives, so that what changes is put on the copy. */
function attach(
  value: unknown,
  chain: (context: ApiContext) => Promise<ChainRow>,
): Mutable<HeldContext> {
  const context = value as Mutable<HeldContext>
  context.renewSession = async () => {
    context.payForView?.()
    context.session = await context.holder.renew()
    context.over = context.holder.over
    return context.session
  }
  context.chain = () => chain(context)
  return context
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
