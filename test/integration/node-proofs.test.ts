import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, type Hex } from '../../src/bytes'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { auditIndex, type IndexReaders } from '../../src/node/audit'
import {
  collectBlockProof,
  collectExtrinsicProof,
  collectStateProof,
} from '../../src/node/collect-proof'
import { endOfPage, readChainEntries, readChainLists } from '../../src/node/read-registry'
import { connectNode, type NodeRpc } from '../../src/node/rpc'
import { MAX_SEGMENTS, verifyBlockProof } from '../../src/proof/block-proof'
import { checkExtrinsicProof } from '../../src/proof/extrinsic-proof'
import { verifyStateProof } from '../../src/proof/state-proof'
import type { StoredEntry } from '../../src/registry/types'
import { recordedBlocks } from '../support/recorded'

const story = JSON.parse(readFileSync('chains/dev/story.json', 'utf8')) as Record<string, Hex>
const agent = story['agent'] as Hex
const blocks = recordedBlocks()

function blockAt(height: number): { height: number; hash: Hex } {
  const block = blocks.find((b) => b.number === height && b.branch === 'canonical')
  if (!block) throw new Error(`no block ${height}`)
  return { height, hash: block.hash }
}

let devnet: Devnet
let rpc: NodeRpc
beforeAll(async () => {
  devnet = await startDevnet({ chainDir: 'chains/dev' })
  rpc = connectNode({ endpoints: [devnet.wsUrl], timeoutMs: 5000 })
})
afterAll(async () => {
  rpc.close()
  await devnet.close()
})

describe('proofs from a node', () => {
  it('a state proof covers the agent, its issuers and their lists, and is checked before it is given', async () => {
    const proof = await collectStateProof(rpc, blockAt(276).hash, agent)
    const outcome = verifyStateProof(proof)
    expect(outcome.ok && outcome.hops.map((hop) => [hop.autoId, hop.revoked])).toEqual([
      [agent, true],
      [story['person'], false],
      [story['organisation'], false],
    ])
  })

  it('a block proof covers every segment (block 230: 263 events)', async () => {
    const proof = await collectBlockProof(rpc, blockAt(230).hash)
    expect(proof.nodes.length).toBeGreaterThan(3)
  })

  it('an extrinsic is proved to stand in its block', async () => {
    const { header, proof } = await collectExtrinsicProof(rpc, blockAt(269).hash, 2)
    expect(checkExtrinsicProof(header, proof)).toEqual({ ok: true })
  })

  it('a node whose header or proof lies is refused as inconsistent', async () => {
    const lying: NodeRpc = {
      async call<T>(method: string, params: unknown[]): Promise<T> {
        const answer = await rpc.call<Record<string, unknown>>(method, params)
        if (method === 'chain_getHeader')
          return { ...answer, stateRoot: `0x${'00'.repeat(32)}` } as T
        return answer as T
      },
      close: () => undefined,
    }
    const withheld: NodeRpc = {
      async call<T>(method: string, params: unknown[]): Promise<T> {
        const answer = await rpc.call<{ proof?: Hex[] }>(method, params)
        return (answer?.proof ? { ...answer, proof: answer.proof.slice(1) } : answer) as T
      },
      close: () => undefined,
    }
    const block = blockAt(275).hash
    for (const node of [lying, withheld]) {
      await expect(collectStateProof(node, block, agent)).rejects.toMatchObject({
        code: 'INCONSISTENT_NODE',
      })
    }
  })

  it('an unknown block is NOT_FOUND, an absent node UNAVAILABLE, and another endpoint takes over', async () => {
    const unknown = `0x${'12'.repeat(32)}`
    await expect(collectBlockProof(rpc, unknown)).rejects.toMatchObject({
      code: /NOT_FOUND|UNAVAILABLE/,
    })
    const dead = connectNode({ endpoints: ['http://127.0.0.1:1'], timeoutMs: 500 })
    await expect(collectBlockProof(dead, unknown)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    dead.close()
    const both = connectNode({ endpoints: ['http://127.0.0.1:1', devnet.url], timeoutMs: 500 })
    expect((await collectBlockProof(both, blockAt(93).hash)).header.number).toBe(93)
    both.close()
  })
})

describe('a node that lies', () => {
  const answering = (method: string, answer: (params: unknown[]) => unknown): NodeRpc => ({
    call: async <T>(asked: string, params: unknown[]): Promise<T> =>
      asked === method ? (answer(params) as T) : rpc.call<T>(asked, params),
    close: () => undefined,
  })
  const block = blockAt(275).hash
  const endless = answering('state_getKeysPaged', ([prefix, count]) =>
    Array.from({ length: count as number }, () => `${prefix}${'ab'.repeat(32)}`),
  )

  // Without the bound, the order and the checks of shape these go on for ever or fail as faults of our own.
  it.each([
    ['ends no page', () => auditSampleEnd(endless)],
    [
      'leaves out the value of a key it listed',
      () =>
        all(
          readChainEntries(
            answering('state_queryStorageAt', ([keys]) => [
              { changes: (keys as string[]).slice(1).map((key) => [key, '0x']) },
            ]),
            block,
          ),
        ),
    ],
    [
      'gives no changes for storage',
      () =>
        all(
          readChainLists(
            answering('state_queryStorageAt', () => null),
            block,
          ),
        ),
    ],
    [
      'gives an entry that is none',
      () =>
        collectStateProof(
          answering('state_getStorage', () => '0x07'),
          block,
          agent,
        ),
    ],
    [
      'gives no proof',
      () =>
        collectStateProof(
          answering('state_getReadProof', () => null),
          block,
          agent,
        ),
    ],
    [
      'gives a header that is none',
      () =>
        collectBlockProof(
          answering('chain_getHeader', () => ({})),
          block,
        ),
    ],
  ])('and %s is found out', async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: 'INCONSISTENT_NODE' })
  })

  // Without the bound it is asked for one segment more for ever.
  it('and has one event segment more each time is asked for so many as a block can have', async () => {
    let asked = 0
    const node = answering('state_getStorage', () => {
      asked += 1
      return '0xffffffff'
    })
    expect(verifyBlockProof(await collectBlockProof(node, block))).toMatchObject({ ok: true })
    expect(asked).toBe(1 + MAX_SEGMENTS)
  })

  const auditSampleEnd = (node: NodeRpc) => endOfPage(node, block, null, 5_000)

  async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
    const found: T[] = []
    for await (const item of items) found.push(item)
    return found
  }
})

describe('a node with limits', () => {
  // Asking for 2,000 keys in one call, the sample of the background audit was refused on every registry that large.
  it('lists at most 1,000 keys at once: a sample of more is put together from pages', async () => {
    const ids = Array.from({ length: 2_500 }, (_, i) => (i + 1).toString(16).padStart(64, '0'))
    const asked: number[] = []
    const node: NodeRpc = {
      call: async <T>(_: string, [prefix, count, start]: unknown[]): Promise<T> => {
        asked.push(count as number)
        const from = start === null ? 0 : ids.indexOf(String(start).slice(-64)) + 1
        return ids.slice(from, from + Number(count)).map((id) => `${prefix}${id}`) as T
      },
      close: () => undefined,
    }
    expect(await endOfPage(node, blockAt(266).hash, null, 2_100)).toBe(`0x${ids[2_099]}`)
    expect(asked).toEqual([1_000, 1_000, 100])
    expect(await endOfPage(node, blockAt(266).hash, `0x${ids[999]}`, 2_000)).toBeNull()
  })

  // Without the smaller pages five issuers with long sets of serials end every audit.
  it('answers for few entries at once when they are large: the audit asks for fewer', async () => {
    const sizes: number[] = []
    const small = await startDevnet({
      chainDir: 'chains/dev',
      fault: ({ method, params }) => {
        if (method !== 'state_queryStorageAt') return undefined
        const count = (params[0] as string[]).length
        sizes.push(count)
        return count > 10
          ? { type: 'error', code: -32008, message: 'Response is too big' }
          : undefined
      },
    })
    const limited = connectNode({ endpoints: [small.url], timeoutMs: 5_000 })
    const block = blockAt(266)
    const report = await auditIndex(limited, block, {
      entries: () => readChainEntries(rpc, block.hash),
      lists: () => readChainLists(rpc, block.hash),
    })
    expect([report.differences, report.complete]).toEqual([[], true])
    expect(report.checked).toBeGreaterThan(200)
    expect(sizes.some((count) => count > 10)).toBe(true)
    limited.close()
    await small.close()
  })

  it('that answers for not even one entry is an error, not an empty registry', async () => {
    const none = await startDevnet({
      chainDir: 'chains/dev',
      fault: ({ method }) =>
        method === 'state_queryStorageAt'
          ? { type: 'error', code: -32008, message: 'Response is too big' }
          : undefined,
    })
    const limited = connectNode({ endpoints: [none.url], timeoutMs: 5_000 })
    const index = { entries: emptyIndex, lists: emptyIndex }
    await expect(auditIndex(limited, blockAt(266), index)).rejects.toThrow(/too big/)
    limited.close()
    await none.close()
  })

  async function* emptyIndex(): AsyncGenerator<never> {}
})

describe('a node that is away', () => {
  // Without the deadline of `RpcConnection` each of these waits for ever.
  it.each(['does not listen', 'takes the connection and says nothing'])(
    'whose WebSocket %s is given up, and another endpoint takes over',
    async (what) => {
      const sockets: Socket[] = []
      const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
      const { port } = silent.address() as AddressInfo
      const url = `ws://127.0.0.1:${what === 'does not listen' ? 1 : port}`
      const alone = connectNode({ endpoints: [url], timeoutMs: 1_000 })
      // One of them renews the connection, all are told.
      const waiting = [1, 2, 3].map(() => collectBlockProof(alone, blockAt(93).hash))
      for (const { status, ...rest } of await Promise.allSettled(waiting)) {
        expect([status, rest]).toMatchObject(['rejected', { reason: { code: 'UNAVAILABLE' } }])
      }
      const both = connectNode({ endpoints: [url, devnet.wsUrl], timeoutMs: 1_000 })
      expect((await collectBlockProof(both, blockAt(93).hash)).header.number).toBe(93)
      alone.close()
      both.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => silent.close(resolve))
    },
  )
})

describe('auditIndex', () => {
  const chainAs = (
    height: number,
    change: (entry: StoredEntry) => StoredEntry | null,
  ): IndexReaders => ({
    async *entries() {
      for await (const { key, value } of readChainEntries(rpc, blockAt(height).hash)) {
        const entry = change(value)
        if (entry) yield { key, value: entry }
      }
    },
    lists: () => readChainLists(rpc, blockAt(height).hash),
  })

  it('finds no difference when the index is the chain', async () => {
    const report = await auditIndex(
      rpc,
      blockAt(266),
      chainAs(266, (entry) => entry),
    )
    expect(report.differences).toEqual([])
    expect(report.checked).toBeGreaterThan(200)
  })

  it('names each differing field, a missing entry and an entry too many', async () => {
    const report = await auditIndex(
      rpc,
      blockAt(275),
      chainAs(275, (entry) => {
        if (entry.autoId === agent) return { ...entry, nonce: 7n, raw: fromHex('0x00') }
        return entry.autoId === story['service'] ? null : entry
      }),
    )
    expect(report.differences.map((d) => [d.autoId, d.field])).toEqual(
      [
        [story['service'], 'entry'],
        [agent, 'nonce'],
        [agent, 'raw'],
      ].sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1)),
    )
  })
})
