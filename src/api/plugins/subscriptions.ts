/** How many subscriptions may be open: of all together, and of one client, who would else have them all. */

import type { Plugin } from 'graphql-yoga'
import { AppError } from '../../errors'
import { toGraphQLError } from '../errors'
import type { HeadHub } from '../head-hub'
import type { Limits } from '../limits'

/** Null: a client that is not limited. */
export type ClientOf = (context: unknown) => string | null

export function subscriptionLimitPlugin(
  hub: HeadHub,
  { maxSubscriptions, maxClientSubscriptions }: Limits,
  clientOf: ClientOf,
): Plugin {
  const open = new Map<string, number>()
  const problemOf = (client: string | null): string | null => {
    if (hub.followers >= maxSubscriptions) return `${maxSubscriptions} subscriptions are open`
    if (client === null || (open.get(client) ?? 0) < maxClientSubscriptions) return null
    return `${maxClientSubscriptions} subscriptions of one client are open`
  }
  const count = (client: string, by: number) => {
    const now = (open.get(client) ?? 0) + by
    if (now > 0) open.set(client, now)
    else open.delete(client)
  }
  return {
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const client = clientOf(args.contextValue)
      const problem = problemOf(client)
      if (problem !== null) {
        setResultAndStopExecution({
          errors: [toGraphQLError(new AppError('UNAVAILABLE', problem))],
        })
        return
      }
      if (client === null) return
      // Taken at once: what is still being opened counts as open.
      count(client, 1)
      let isOver = false
      const end = () => {
        if (!isOver) count(client, -1)
        isOver = true
      }
      return {
        onSubscribeResult: ({ result }) => {
          if (!(Symbol.asyncIterator in result)) end()
          return { onEnd: end }
        },
        onSubscribeError: end,
      }
    },
  }
}
