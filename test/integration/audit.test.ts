/** The audit of the entries and lists of a really indexed chain. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditOnce, startBackgroundAudit } from '../../src/background-audit'
import { inSnapshot } from '../../src/cli/audit'
import { startDevnet } from '../../src/devnet/devnet'
import { writeChain } from '../../src/devnet/maker/write-chain'
import { startProcessor } from '../../src/main'
import { auditIndex, auditSample } from '../../src/node/audit'
import { connectNode, type NodeRpc } from '../../src/node/rpc'
import { readFinalBlock } from '../../src/store/audit-runs'
import {
  type AuditedChain,
  addToNonce,
  blockAt,
  indexReads,
  silentLog as log,
  openAuditedChain,
} from '../support/audited-chain'
import { createTestDatabase } from '../support/postgres'
import { story } from '../support/story'

const agent = story.agent

let chain: AuditedChain
let pool: AuditedChain['pool']
let rpc: NodeRpc
beforeAll(async () => {
  chain = await openAuditedChain()
  ;({ pool, rpc } = chain)
})
afterAll(() => chain?.close())

const index = () => indexReads(pool)

describe('the audit', () => {
  it.each([0, 46, 92, 93, 126, 139, 149, 205, 228, 266, 282])(
    'finds no difference at block %i',
    async (height) => {
      const report = await auditIndex(rpc, blockAt(height), index())
      expect(report.differences).toEqual([])
      expect(report.complete).toBe(true)
    },
  )

  it('compares a part of the identifiers, and says that it did', async () => {
    const whole = await auditIndex(rpc, blockAt(266), index())
    const part = await auditSample(rpc, blockAt(266), index(), `0x${'80'.repeat(32)}`, 20)
    expect(part.differences).toEqual([])
    expect(part.complete).toBe(false)
    expect(part.checked).toBeGreaterThanOrEqual(20)
    expect(part.checked).toBeLessThan(whole.checked)
  })

  // In `read committed` the later change shows as a difference.
  it('on demand sees one state of the index, whatever is written meanwhile', async () => {
    const report = await inSnapshot(pool, async (db) => {
      await db.query('select 1 from index_status')
      await addToNonce(pool, agent, 1)
      return auditIndex(rpc, blockAt(278), indexReads(db))
    })
    expect(report.differences).toEqual([])
    const now = await inSnapshot(pool, (db) => auditIndex(rpc, blockAt(278), indexReads(db)))
    expect(now.differences.map(({ field }) => field)).toEqual(['nonce'])
    await addToNonce(pool, agent, -1)
  })

  // With a timer of its own each tick, ten audits ran at once, and `close` waited for the last of them.
  it('in the background never overlaps itself, goes on after one, and close waits for it', async () => {
    vi.useFakeTimers()
    const answers: (() => void)[] = []
    const slow = {
      query: () => new Promise((resolve) => answers.push(() => resolve({ rows: [] }))),
    } as unknown as pg.Pool
    const settings = { endpoints: [chain.nodeUrl], timeoutMs: 1_000, sampleSize: 10 }
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
    await addToNonce(pool, agent, 1)
    const report = await auditOnce(pool, rpc, 10_000, log)
    expect(report?.differences.map((d) => [d.autoId, d.field])).toEqual([[agent, 'nonce']])
    await addToNonce(pool, agent, -1)
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

describe('the audit against a node that serves a made chain', () => {
  // Tried with the node answering as if its registry were empty: every entry of the index is a difference.
  it('cannot be run, which is no result: neither differences nor agreement', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'made-chain-'))
    const load = () => ({ roots: 1, leaves: 2, revocations: 1 })
    const plan = { name: 'small', seed: 1, blocks: 12, keys: 8, load }
    await writeChain(plan, directory, 'chains/dev')
    const node = await startDevnet({ chainDir: directory })
    const made = await createTestDatabase()
    const madePool = new pg.Pool({ connectionString: made.url })
    const asked = connectNode({ endpoints: [node.url], timeoutMs: 5_000 })
    const processor = await startProcessor(
      {
        databaseUrl: made.url,
        rpcEndpoints: [node.url],
        rpcBatchSize: 50,
        rpcTimeoutSeconds: 5,
        finality: { type: 'NODE' },
        headPollMs: 10,
      },
      log,
    )
    try {
      await vi.waitUntil(async () => (await readFinalBlock(madePool))?.height === 12, 30_000)
      const { rows } = await madePool.query(
        'select count(*)::int as entries from auto_id_version where block_to is null',
      )
      expect(rows[0].entries).toBeGreaterThan(12)
      await expect(auditOnce(madePool, asked, 10_000, log)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('State already discarded'),
      })
      expect((await madePool.query('select 1 from audit_run')).rows).toEqual([])
    } finally {
      await processor.close()
      asked.close()
      await madePool.end()
      await made.close()
      await node.close()
      rmSync(directory, { recursive: true })
    }
  })
})
