import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Devnet, type DevnetOptions, startDevnet } from '../../../src/devnet/devnet'
import { readRecording } from '../../../src/devnet/recording'
import { until } from '../../support/until'

const CHAIN = join(__dirname, '../../../chains/dev')
const recording = readRecording(CHAIN)
const EVENT_COUNT = '0x26aa394eea5630e07c48ae0c9558cef70a98fdbe9ce6c55837576c60c7af3850'
const SYSTEM = '0x26aa394eea5630e07c48ae0c9558cef7'

const running: Devnet[] = []
async function start(options: DevnetOptions = {}): Promise<Devnet> {
  const devnet = await startDevnet({ chain: recording, ...options })
  running.push(devnet)
  return devnet
}
afterEach(async () => {
  for (const devnet of running.splice(0)) await devnet.close()
})

/** Whatever JSON holds: each test looks only at what it names. */
type Json = ReturnType<typeof JSON.parse>
type Reply = {
  result?: Json
  error?: { code: number; message: string; data?: string }
  id: unknown
}
async function post(devnet: Devnet, body: unknown): Promise<Json> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(devnet.url, { method: 'POST', body: text })
  return response.json()
}
const call = (devnet: Devnet, method: string, ...params: unknown[]): Promise<Reply> =>
  post(devnet, { jsonrpc: '2.0', id: 7, method, params })

function recorded(height: number, branch = 'canonical') {
  const block = recording.blocks.find((b) => b.number === height && b.branch === branch)
  if (block === undefined) throw new Error(`no block ${height}`)
  return block
}

/** Collects notifications of one subscription. */
async function subscribe(devnet: Devnet, method: string) {
  const socket = new WebSocket(devnet.wsUrl)
  const messages: Json[] = []
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())))
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }))
  const heights = () =>
    messages.filter((m) => m.method !== undefined).map((m) => Number(m.params.result.number))
  return { socket, messages, heights }
}

describe('startDevnet', () => {
  it('answers hash, header and block of every canonical height', async () => {
    const devnet = await start()
    for (const height of [0, 1, 92, 93, 278, 279, 282]) {
      const block = recorded(height)
      expect((await call(devnet, 'chain_getBlockHash', height)).result).toBe(block.hash)
      const hex = `0x${height.toString(16)}`
      expect((await call(devnet, 'chain_getBlockHash', hex)).result).toBe(block.hash)
      const { result } = await call(devnet, 'chain_getBlock', block.hash)
      expect(result.block.extrinsics).toEqual(block.extrinsics)
      expect(result.block.header.stateRoot).toBe(block.stateRoot)
      expect((await call(devnet, 'chain_getHeader', block.hash)).result).toEqual(
        result.block.header,
      )
    }
    expect((await call(devnet, 'chain_getBlockHash', [0, 282, 999])).result).toEqual([
      recorded(0).hash,
      recorded(282).hash,
      null,
    ])
    expect((await call(devnet, 'chain_getBlockHash')).result).toBe(recorded(282).hash)
    expect((await call(devnet, 'chain_getFinalizedHead')).result).toBe(recorded(278).hash)
  })

  it('answers storage at any block of both branches as replaying the diffs gives it', async () => {
    const devnet = await start()
    const states = new Map<string, Map<string, string>>()
    for (const block of recording.blocks) {
      const state = new Map(states.get(block.parentHash) ?? [])
      for (const [key, value] of block.storageDiff) {
        if (value === null) state.delete(key)
        else state.set(key, value)
      }
      states.set(block.hash, state)
    }
    for (const block of recording.blocks) {
      const at = devnet.node.tree.get(block.hash)
      if (at === undefined) throw new Error('unknown block')
      const state = states.get(block.hash) ?? new Map()
      const keys = devnet.node.tree.keysAt(at, '0x', 1e6, null)
      expect(keys).toEqual([...state.keys()].sort())
      expect(keys.map((key) => devnet.node.tree.valueAt(at, key))).toEqual(
        keys.map((key) => state.get(key)),
      )
    }
    const fork = recorded(279, 'fork-near-head')
    const { result } = await call(devnet, 'state_queryStorageAt', [EVENT_COUNT, '0x00'], fork.hash)
    expect(result).toEqual([
      {
        block: fork.hash,
        changes: [
          [EVENT_COUNT, states.get(fork.hash)?.get(EVENT_COUNT)],
          ['0x00', null],
        ],
      },
    ])
  })

  it('pages through keys under a prefix without repeats', async () => {
    const devnet = await start()
    const at = recorded(282).hash
    const all: string[] = []
    for (;;) {
      const page = (await call(devnet, 'state_getKeysPaged', SYSTEM, 5, all.at(-1) ?? null, at))
        .result
      all.push(...page)
      if (page.length < 5) break
    }
    expect(all.length).toBeGreaterThan(5)
    expect(new Set(all).size).toBe(all.length)
    expect(all.every((key) => key.startsWith(SYSTEM))).toBe(true)
    expect((await call(devnet, 'state_getKeysPaged', '0x', 1001)).error?.code).toBe(-32602)
  })

  it('proves reads exactly as recorded from the real trie', async () => {
    const devnet = await start()
    const proofs = readFileSync(join(__dirname, '../../fixtures/dev/proofs.jsonl'), 'utf8')
    const lines = proofs.trim().split('\n')
    expect(lines.length).toBeGreaterThan(50)
    for (const line of lines) {
      const { blockHash, key, keys, proof } = JSON.parse(line)
      const { result } = await call(devnet, 'state_getReadProof', keys ?? [key], blockHash)
      expect(result).toEqual({ at: blockHash, proof: [...proof].sort() })
    }
  })

  it('gives the runtime of the state after a block', async () => {
    const devnet = await start()
    const version = async (height: number) =>
      (await call(devnet, 'state_getRuntimeVersion', recorded(height).hash)).result.specVersion
    expect([await version(91), await version(92), await version(93)]).toEqual([1, 2, 2])
    const metadata = await call(devnet, 'state_getMetadata', recorded(91).hash)
    expect(metadata.result).toBe(recording.runtimes.get(1)?.metadata)
  })

  it('words errors as a Substrate node does', async () => {
    const devnet = await start({ prunedBelow: 100 })
    expect((await call(devnet, 'nothing_here')).error).toEqual({
      code: -32601,
      message: 'Method not found',
    })
    expect((await call(devnet, 'chain_getBlockHash', 'ten')).error?.code).toBe(-32602)
    const unknown = await call(devnet, 'state_getStorageAt', EVENT_COUNT, `0x${'11'.repeat(32)}`)
    expect(unknown.error?.message).toContain('Header was not found')
    const pruned = await call(devnet, 'state_getStorageAt', EVENT_COUNT, recorded(99).hash)
    expect(pruned.error?.message).toContain('State already discarded')
    expect((await call(devnet, 'state_getStorageAt', EVENT_COUNT, recorded(100).hash)).error).toBe(
      undefined,
    )
    expect((await post(devnet, '{')).error.code).toBe(-32700)
    expect((await post(devnet, { id: 1 })).error.code).toBe(-32600)
    expect((await call(devnet, 'chain_subscribeNewHeads')).error?.code).toBe(-32601)
  })

  it('serves batches in order, limits them, or refuses them', async () => {
    const batch = [3, 1, 2].map((id) => ({
      jsonrpc: '2.0',
      id,
      method: 'chain_getBlockHash',
      params: [id],
    }))
    const served = await post(await start(), batch)
    expect(served.map((r: Reply) => [r.id, r.result])).toEqual(
      [3, 1, 2].map((id) => [id, recorded(id).hash]),
    )
    expect((await post(await start({ batches: 2 }), batch)).error.code).toBe(-32010)
    expect((await post(await start({ batches: false }), batch)).error.code).toBe(-32005)
  })

  it('shows the fork as a reorganisation: the orphaned branch first, then the longer one', async () => {
    const devnet = await start({ initialHeight: 277 })
    const { heights, socket } = await subscribe(devnet, 'chain_subscribeNewHeads')
    await until(() => heights().length === 1)
    expect(devnet.finalized().height).toBe(277)
    devnet.advance(4)
    expect(devnet.head().hash).toBe(recorded(281, 'fork-near-head').hash)
    expect(devnet.finalized().height).toBe(278)
    devnet.advance(3)
    expect(devnet.head().hash).toBe(recorded(281, 'fork-near-head').hash)
    expect(devnet.advance()).toBe(1)
    expect(devnet.head().hash).toBe(recorded(282).hash)
    expect((await call(devnet, 'chain_getBlockHash', 279)).result).toBe(recorded(279).hash)
    expect(devnet.advance()).toBe(0)
    await until(() => heights().length === 6)
    expect(heights()).toEqual([277, 278, 279, 280, 281, 282])
    devnet.setHead(280, 'fork-near-head')
    expect((await call(devnet, 'chain_getBlockHash', 282)).result).toBe(null)
    await until(() => heights().at(-1) === 280)
    socket.terminate()
  })

  it('announces every finalized block and stops after unsubscribing', async () => {
    const devnet = await start({ initialHeight: 10, finalityLag: 5 })
    const sub = await subscribe(devnet, 'chain_subscribeFinalizedHeads')
    await until(() => sub.heights().length === 1)
    devnet.advance(3)
    await until(() => sub.heights().length === 4)
    expect(sub.heights()).toEqual([5, 6, 7, 8])
    const id = sub.messages[0].result
    sub.socket.send(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 2,
        method: 'chain_unsubscribeFinalizedHeads',
        params: [id],
      }),
    )
    await until(() => sub.messages.some((m) => m.id === 2 && m.result === true))
    devnet.advance(2)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(sub.heights()).toEqual([5, 6, 7, 8])
    sub.socket.terminate()
  })

  it('lets blocks arrive by time', async () => {
    const devnet = await start({ initialHeight: 3, blockTimeMs: 5 })
    await until(() => devnet.head().height >= 6)
  })

  it('misbehaves on request: error, other answer, delay, status, cut connection', async () => {
    const devnet = await start({
      fault: ({ method }) => (method === 'system_chain' ? { type: 'drop' } : undefined),
    })
    await expect(call(devnet, 'system_chain')).rejects.toThrow()
    devnet.setFault(() => ({ type: 'error', code: -1, message: 'rate limit' }))
    expect((await call(devnet, 'system_chain')).error?.message).toBe('rate limit')
    devnet.setFault(() => ({ type: 'result', change: () => 'other' }))
    expect((await call(devnet, 'system_chain')).result).toBe('other')
    devnet.setFault(() => ({ type: 'delay', ms: 40 }))
    const before = performance.now()
    expect((await call(devnet, 'system_chain')).result).toBe('dev')
    expect(performance.now() - before).toBeGreaterThan(35)
    devnet.setFault(() => ({ type: 'status', status: 503 }))
    expect(
      (await fetch(devnet.url, { method: 'POST', body: '{"id":1,"method":"a"}' })).status,
    ).toBe(503)
    devnet.setFault(undefined)
    expect((await call(devnet, 'system_chain')).result).toBe('dev')
    expect(devnet.stats.calls['system_chain']).toBeGreaterThanOrEqual(4)
  })

  it('refuses a directory that holds no recording', () => {
    expect(() => readRecording(join(CHAIN, 'metadata'))).toThrow(/is no recorded chain/)
  })
})
