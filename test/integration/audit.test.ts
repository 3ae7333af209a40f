/** The audit over a really indexed chain, and evidence bundles made from it. */

import { readFileSync } from 'node:fs'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditOnce, startBackgroundAudit } from '../../src/background-audit'
import { inSnapshot } from '../../src/cli/audit'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { auditIndex, auditSample } from '../../src/node/audit'
import { collectBundle } from '../../src/node/collect-bundle'
import { connectNode, type NodeRpc } from '../../src/node/rpc'
import { type EvidenceBundle, verifyBundle } from '../../src/proof/bundle'
import { parseBundle } from '../../src/proof/bundle-format'
import { readIndexEntries, readIndexLists } from '../../src/store/read/audit'
import { readCertificateCall } from '../../src/store/read/certificate-call'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { recordedBlocks } from '../support/recorded'

const story = JSON.parse(readFileSync('chains/dev/story.json', 'utf8')) as Record<string, string>
const agent = story['agent'] as string
const blocks = recordedBlocks()
const log = pino({ level: 'silent' })

function blockAt(height: number) {
  const block = blocks.find((b) => b.number === height && b.branch === 'canonical')
  if (!block) throw new Error(`no block ${height}`)
  return { height, hash: block.hash }
}

let database: TestDatabase
let pool: pg.Pool
let devnet: Devnet
let rpc: NodeRpc
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  pool = new pg.Pool({ connectionString: database.url })
  devnet = await startDevnet({ chainDir: 'chains/dev' })
  rpc = connectNode({ endpoints: [devnet.url], timeoutMs: 5_000 })
})
afterAll(async () => {
  rpc.close()
  await devnet.close()
  await pool.end()
  await database.close()
})

const index = {
  entries: (height: number, range: Parameters<typeof readIndexEntries>[2]) =>
    readIndexEntries(pool, height, range),
  lists: (height: number, range: Parameters<typeof readIndexLists>[2]) =>
    readIndexLists(pool, height, range),
}

describe('the audit', () => {
  it.each([0, 46, 92, 93, 126, 139, 149, 205, 228, 266, 282])(
    'finds no difference at block %i',
    async (height) => {
      const report = await auditIndex(rpc, blockAt(height), index)
      expect(report.differences).toEqual([])
      expect(report.complete).toBe(true)
    },
  )

  it('compares a part of the identifiers, and says that it did', async () => {
    const whole = await auditIndex(rpc, blockAt(266), index)
    const part = await auditSample(rpc, blockAt(266), index, `0x${'80'.repeat(32)}`, 20)
    expect(part.differences).toEqual([])
    expect(part.complete).toBe(false)
    expect(part.checked).toBeGreaterThanOrEqual(20)
    expect(part.checked).toBeLessThan(whole.checked)
  })

  // In `read committed` the later change shows as a difference.
  it('on demand sees one state of the index, whatever is written meanwhile', async () => {
    const set = (nonce: string) =>
      pool.query(
        `update auto_id_version set nonce = nonce ${nonce} where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
        [agent],
      )
    const report = await inSnapshot(pool, async (db) => {
      await db.query('select 1 from index_status')
      await set('+ 1')
      return auditIndex(rpc, blockAt(278), {
        entries: (height, range) => readIndexEntries(db, height, range),
        lists: (height, range) => readIndexLists(db, height, range),
      })
    })
    expect(report.differences).toEqual([])
    const now = await inSnapshot(pool, (db) =>
      auditIndex(rpc, blockAt(278), {
        entries: (height, range) => readIndexEntries(db, height, range),
        lists: (height, range) => readIndexLists(db, height, range),
      }),
    )
    expect(now.differences.map(({ field }) => field)).toEqual(['nonce'])
    await set('- 1')
  })

  // With a timer of its own each tick, ten audits ran at once, and `close` waited for the last of them.
  it('in the background never overlaps itself, goes on after one, and close waits for it', async () => {
    vi.useFakeTimers()
    const answers: (() => void)[] = []
    const slow = {
      query: () => new Promise((resolve) => answers.push(() => resolve({ rows: [] }))),
    } as unknown as pg.Pool
    const settings = { endpoints: [devnet.url], timeoutMs: 1_000, sampleSize: 10 }
    const audit = startBackgroundAudit(slow, { ...settings, intervalMs: 1_000 }, log)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(answers).toHaveLength(1)
    answers[0]?.()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(answers).toHaveLength(2)
    let isClosed = false
    const closed = audit.close().then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(10_000)
    expect([isClosed, answers.length]).toEqual([false, 2])
    answers[1]?.()
    await closed
    await vi.advanceTimersByTimeAsync(10_000)
    expect(answers).toHaveLength(2)
    vi.useRealTimers()
  })

  // Without `nonce` in `compareEntries` this finds nothing.
  it('finds a row that was changed behind its back, keeps the result, and is clean after', async () => {
    await pool.query(
      `update auto_id_version set nonce = nonce + 1 where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
      [agent],
    )
    const report = await auditOnce(pool, rpc, 10_000, log)
    expect(report?.differences.map((d) => [d.autoId, d.field])).toEqual([[agent, 'nonce']])
    await pool.query(
      `update auto_id_version set nonce = nonce - 1 where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
      [agent],
    )
    expect((await auditOnce(pool, rpc, 10_000, log))?.differences).toEqual([])
    const { rows } = await pool.query(
      'select block, complete, jsonb_array_length(differences) as n from audit_run order by finished_at',
    )
    expect(rows).toEqual([
      { block: 278, complete: true, n: 1 },
      { block: 278, complete: true, n: 0 },
    ])
  })
})

describe('evidence bundles', () => {
  const bundleAt = (height: number, autoId = agent) =>
    collectBundle(
      rpc,
      (id, at) => readCertificateCall(pool, id, at),
      blocks[0]?.hash ?? '',
      blockAt(height),
      autoId,
    )

  it('block 275: the agent’s bundle survives being a file and holds offline, in every check', async () => {
    const parsed = parseBundle(JSON.stringify(await bundleAt(275)))
    if (!parsed.ok) throw new Error(parsed.message)
    const report = verifyBundle(parsed.bundle)
    expect(report.checks.filter((check) => !check.ok)).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.hops.map((hop) => [hop.autoId, hop.revoked])).toEqual([
      [agent, false],
      [story['person'], false],
      [story['organisation'], false],
    ])
    expect(report.certificates).toHaveLength(3)
  })

  it('block 278: the bundle holds and proves the revocation', async () => {
    const report = verifyBundle(await bundleAt(278))
    expect([report.ok, report.hops[0]?.revoked]).toEqual([true, true])
  })

  it('any part changed is a failed check, never a good bundle', async () => {
    const bundle = await bundleAt(275)
    const [first, ...rest] = bundle.certificates
    if (!first) throw new Error('no certificate')
    const flip = (hex: string) => hex.slice(0, -2) + (hex.endsWith('00') ? '01' : '00')
    const changed: EvidenceBundle[] = [
      { ...bundle, autoId: story['person'] as string },
      { ...bundle, certificates: rest },
      { ...bundle, certificates: [{ ...first, signature: flip(first.signature) }, ...rest] },
      { ...bundle, certificates: [{ ...first, tbs: flip(first.tbs) }, ...rest] },
      { ...bundle, state: { ...bundle.state, nodes: bundle.state.nodes.slice(1) } },
      {
        ...bundle,
        certificates: [
          { ...first, block: { ...first.block, nodes: first.block.nodes.slice(1) } },
          ...rest,
        ],
      },
      {
        ...bundle,
        certificates: [
          {
            ...first,
            extrinsic: { ...first.extrinsic, extrinsic: flip(first.extrinsic.extrinsic) },
          },
          ...rest,
        ],
      },
    ]
    for (const one of changed) expect(verifyBundle(one).ok).toBe(false)
  })

  it('an identity that is not registered has no bundle', async () => {
    await expect(bundleAt(100)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('text that is no bundle is refused by what is wrong with it', () => {
    expect(parseBundle('nope')).toMatchObject({ ok: false, message: 'no JSON' })
    expect(parseBundle('{}')).toMatchObject({ ok: false })
    const shape = { format: 'auto-registry-evidence', version: 1, genesisHash: '0x', autoId: 'zz' }
    expect(parseBundle(JSON.stringify(shape))).toMatchObject({
      ok: false,
      message: 'no evidence bundle: autoId: not hex',
    })
  })
})
