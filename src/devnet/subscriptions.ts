/** Subscriptions of one WebSocket connection. */

import { randomUUID } from 'node:crypto'
import type { TreeBlock } from './block-tree'
import { headerOf, runtimeVersionAt } from './methods'
import type { DevnetNode } from './node'
import { invalidParams } from './rpc-error'

type Send = (message: unknown) => void
type Kind = {
  readonly notification: string
  readonly unsubscribe: readonly string[]
  /** Starts the flow, first answer included; returns how to end it. */
  readonly start: (node: DevnetNode, push: (result: unknown) => void) => () => void
}

const newHeads: Kind = {
  notification: 'chain_newHead',
  unsubscribe: ['chain_unsubscribeNewHeads', 'chain_unsubscribeNewHead'],
  start: (node, push) => {
    push(headerOf(node.best.block))
    return listen(node, 'best', ({ block }) => push(headerOf(block)))
  },
}

const allHeads: Kind = {
  notification: 'chain_allHead',
  unsubscribe: ['chain_unsubscribeAllHeads'],
  start: (node, push) => {
    push(headerOf(node.best.block))
    return listen(node, 'imported', ({ block }) => push(headerOf(block)))
  },
}

const finalizedHeads: Kind = {
  notification: 'chain_finalizedHead',
  unsubscribe: ['chain_unsubscribeFinalizedHeads'],
  start: (node, push) => {
    let last = node.finalized.block.number
    push(headerOf(node.finalized.block))
    return listen(node, 'finalized', (to) => {
      for (let height = last + 1; height <= to.block.number; height++) {
        const block = node.tree.ancestor(to, height)
        if (block !== undefined) push(headerOf(block.block))
      }
      last = to.block.number
    })
  },
}

const runtimeVersion: Kind = {
  notification: 'state_runtimeVersion',
  unsubscribe: ['state_unsubscribeRuntimeVersion'],
  start: (node, push) => {
    let last = runtimeVersionAt(node, node.best)
    push(last)
    return listen(node, 'best', (best) => {
      const version = runtimeVersionAt(node, best)
      if (version !== last) push(version)
      last = version
    })
  },
}

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['chain_subscribeNewHeads', newHeads],
  ['chain_subscribeNewHead', newHeads],
  ['chain_subscribeAllHeads', allHeads],
  ['chain_subscribeFinalizedHeads', finalizedHeads],
  ['state_subscribeRuntimeVersion', runtimeVersion],
])

const UNSUBSCRIBES = new Set([...KINDS.values()].flatMap((kind) => kind.unsubscribe))

export class Subscriptions {
  private readonly stops = new Map<string, () => void>()

  constructor(
    private readonly node: DevnetNode,
    private readonly send: Send,
  ) {}

  handles(method: string): boolean {
    return KINDS.has(method) || UNSUBSCRIBES.has(method)
  }

  call(method: string, params: readonly unknown[]): unknown {
    const kind = KINDS.get(method)
    return kind === undefined ? this.stop(params[0]) : this.start(kind)
  }

  close(): void {
    for (const stop of this.stops.values()) stop()
    this.stops.clear()
  }

  private start(kind: Kind): string {
    const id = randomUUID().replaceAll('-', '').slice(0, 16)
    // The answer with the id must leave before the first notification.
    const starting = setImmediate(() => {
      const stop = kind.start(this.node, (result) =>
        this.send({
          jsonrpc: '2.0',
          method: kind.notification,
          params: { subscription: id, result },
        }),
      )
      this.stops.set(id, stop)
    })
    this.stops.set(id, () => clearImmediate(starting))
    return id
  }

  private stop(id: unknown): boolean {
    if (typeof id !== 'string') throw invalidParams('a subscription id expected')
    const stop = this.stops.get(id)
    stop?.()
    return this.stops.delete(id)
  }
}

function listen(
  node: DevnetNode,
  event: 'best' | 'finalized' | 'imported',
  listener: (block: TreeBlock) => void,
): () => void {
  node.events.on(event, listener)
  return () => {
    node.events.off(event, listener)
  }
}
