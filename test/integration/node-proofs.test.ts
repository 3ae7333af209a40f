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
import { readChainEntries, readChainLists } from '../../src/node/read-registry'
import { connectNode, type NodeRpc } from '../../src/node/rpc'
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
