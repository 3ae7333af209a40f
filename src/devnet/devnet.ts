/** A Substrate node for development and tests: replays a recorded chain over real sockets. */

import type { Hex } from '../bytes'
import { AppError } from '../errors'
import type { DispatchStats } from './dispatch'
import type { FaultHook } from './faults'
import { buildMethods } from './methods'
import { DevnetNode, type FinalityRule } from './node'
import type { RecordedBlock } from './recorded-block'
import { type RecordedRuntime, type Recording, readRecording } from './recording'
import { serveRpc } from './server'

export type DevnetOptions = {
  /** Directory of a recorded chain; or give `chain`. */
  readonly chainDir?: string
  readonly chain?: Recording
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Height of the first head; later blocks arrive by `advance` or `blockTimeMs`. Default: all have arrived. */
  readonly initialHeight?: number
  /** Milliseconds between arrivals; 0 (default): only by hand. */
  readonly blockTimeMs?: number
  /** Blocks between head and finalized head; default: as recorded. */
  readonly finalityLag?: number
  /** Round trip added to every answer, in milliseconds. */
  readonly latencyMs?: number
  /** False refuses batches, a number limits them. Default true. */
  readonly batches?: boolean | number
  /** States below this height are answered as pruned. */
  readonly prunedBelow?: number
  readonly fault?: FaultHook
}

export type Devnet = {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  readonly node: DevnetNode
  readonly stats: DispatchStats
  /** Lets the next recorded blocks arrive (default one); returns how many did. */
  readonly advance: (count?: number) => number
  /** Makes an arrived block best: height on the best chain or on a recorded branch. */
  readonly setHead: (height: number, branch?: string) => void
  /** A block made at test time; its parent must have arrived. */
  readonly appendBlock: (block: RecordedBlock) => void
  readonly addRuntime: (specVersion: number, runtime: RecordedRuntime) => void
  readonly head: () => { readonly height: number; readonly hash: Hex }
  readonly finalized: () => { readonly height: number; readonly hash: Hex }
  readonly dropConnections: () => void
  /** Replaces the fault hook; undefined: behaves well again. */
  readonly setFault: (fault: FaultHook | undefined) => void
  readonly close: () => Promise<void>
}

export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const node = new DevnetNode(recordingOf(options), finalityOf(options))
  if (options.initialHeight === undefined) node.advance(Number.MAX_SAFE_INTEGER)
  else node.advanceTo(options.initialHeight)
  const host = options.host ?? '127.0.0.1'
  const stats: DispatchStats = { messages: 0, batches: 0, calls: {} }
  let fault = options.fault
  const server = await serveRpc(
    node,
    {
      methods: buildMethods(node, { prunedBelow: options.prunedBelow ?? 0 }),
      fault: (request) => fault?.(request),
      batches: options.batches ?? true,
      stats,
    },
    { host, port: options.port ?? 0, latencyMs: options.latencyMs ?? 0 },
  )
  const blockTimeMs = options.blockTimeMs ?? 0
  const timer = blockTimeMs > 0 ? setInterval(() => node.advance(1), blockTimeMs) : undefined
  return {
    url: `http://${host}:${server.port}`,
    wsUrl: `ws://${host}:${server.port}`,
    port: server.port,
    node,
    stats,
    advance: (count = 1) => node.advance(count),
    setHead: (height, branch) => setHead(node, height, branch),
    appendBlock: (block) => {
      node.import(block)
    },
    addRuntime: (specVersion, runtime) => node.addRuntime(specVersion, runtime),
    head: () => ({ height: node.best.block.number, hash: node.best.block.hash }),
    finalized: () => ({ height: node.finalized.block.number, hash: node.finalized.block.hash }),
    dropConnections: server.dropConnections,
    setFault: (hook) => {
      fault = hook
    },
    close: async () => {
      clearInterval(timer)
      await server.close()
    },
  }
}

function setHead(node: DevnetNode, height: number, branch: string | undefined): void {
  const block =
    branch === undefined ? node.tree.ancestor(node.best, height) : node.find(height, branch)
  if (block === undefined) {
    throw new RangeError(`no block ${height} has arrived on ${branch ?? 'the best chain'}`)
  }
  node.setBestHash(block.block.hash)
}

function recordingOf({ chain, chainDir }: DevnetOptions): Recording {
  if (chain !== undefined) return chain
  if (chainDir !== undefined) return readRecording(chainDir)
  throw new AppError('BAD_USER_INPUT', 'The devnet needs a recorded chain: chainDir or chain.')
}

function finalityOf({ finalityLag }: DevnetOptions): FinalityRule {
  return finalityLag === undefined ? { type: 'RECORDED' } : { type: 'LAG', blocks: finalityLag }
}
