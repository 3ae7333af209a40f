/** An audit in the background that fails, as `status` and the metrics show it. */

import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditOnce, startBackgroundAudit } from '../../src/background-audit'
import type { NodeRpc } from '../../src/node/rpc'
import { startServer } from '../../src/server'
import { writeAuditFailure } from '../../src/store/audit-runs'
import { indexStatusReaders } from '../../src/store/read/index-status'
import { recordFailure } from '../../src/store/status'
import { type AuditedChain, silentLog as log, openAuditedChain } from '../support/audited-chain'
import { serverOptions } from '../support/server-options'

let chain: AuditedChain
let pool: AuditedChain['pool']
let rpc: NodeRpc
beforeAll(async () => {
  chain = await openAuditedChain()
  ;({ pool, rpc } = chain)
})
afterAll(() => chain?.close())

describe('an audit that cannot be run', () => {
  const key = 'a-key-of-the-provider'
  const settings = { timeoutMs: 1_000, sampleSize: 10, intervalMs: 20 }
  const reads = () => indexStatusReaders(pool)

  // Tried with the log line alone: `status` shows the last good audit as if nothing had happened since.
  it('is shown by status and metrics with its reason beside the last result, until one is run again', async () => {
    expect((await auditOnce(pool, rpc, 10_000, log))?.differences).toEqual([])
    const finished = await reads().lastAudit()
    const away = { ...settings, endpoints: [`ws://127.0.0.1:1/${key}`] }
    const audit = startBackgroundAudit(pool, away, log)
    await vi.waitUntil(() => reads().auditFailure(), 30_000)
    const first = (await reads().auditFailure())?.at.getTime() ?? 0
    await vi.waitUntil(
      async () => ((await reads().auditFailure())?.at.getTime() ?? 0) > first,
      30_000,
    )
    await audit.close()
    const failed = `select count(*)::int as n from audit_run where failure is not null`
    expect((await pool.query(failed)).rows).toEqual([{ n: 1 }])
    expect(await reads().lastAudit()).toEqual(finished)

    const dataDir = mkdtempSync(path.join(tmpdir(), 'audit-'))
    const server = await startServer(serverOptions(chain.databaseUrl, dataDir))
    const asked = async () => {
      const query =
        '{ status { audit { block differenceCount finishedAt } auditFailure { block at message } } }'
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      }
      const text = await (await fetch(`${server.url}/graphql`, init)).text()
      const figures = await (await fetch(`${server.url}/metrics`)).text()
      const samples = figures.match(/(?<=^auto_registry_)audit_(?:failing|differences) \S+$/gm)
      return { text, status: JSON.parse(text).data.status, samples }
    }
    try {
      const { text, status, samples } = await asked()
      expect(text).not.toContain(key)
      expect(status).toEqual({
        audit: { block: 278, differenceCount: 0, finishedAt: finished?.finishedAt.toISOString() },
        auditFailure: {
          block: 278,
          at: expect.any(String),
          message: expect.stringMatching(/no node answered .*: 127\.0\.0\.1:1: /),
        },
      })
      expect(samples).toEqual(['audit_differences 0', 'audit_failing 1'])
      await auditOnce(pool, rpc, 10_000, log)
      const after = await asked()
      expect(after.status.auditFailure).toBeNull()
      expect(after.samples).toEqual(['audit_differences 0', 'audit_failing 0'])
    } finally {
      await server.close()
      rmSync(dataDir, { recursive: true })
    }
  })

  // Tried without asking for `isClosed`: every stop of the processor during an audit left a failed one.
  it('because the processor is stopped is no failure', async () => {
    let isAsked = false
    const silent = createServer((socket) => {
      isAsked = true
      socket.on('error', () => undefined).resume()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const endpoints = [`ws://127.0.0.1:${port}`]
    const audit = startBackgroundAudit(pool, { ...settings, timeoutMs: 60_000, endpoints }, log)
    await vi.waitUntil(() => isAsked, 30_000)
    await audit.close()
    silent.close()
    expect(await reads().auditFailure()).toBeNull()
  })
})

// A node says what it likes: with such a text nothing was kept, and the last good audit stood alone.
describe('a reason that Postgres takes for no text', () => {
  const said = `a\0b${'c'.repeat(996)}\u{1f600}`
  const kept = `ab${'c'.repeat(996)}\ufffd`

  it('is kept without what it does not take, of an audit and of an error that is retried', async () => {
    await writeAuditFailure(pool, said, new Date(0))
    expect((await indexStatusReaders(pool).auditFailure())?.message).toBe(kept)
    await recordFailure(pool, said, new Date(0))
    expect((await pool.query('select error from index_status')).rows).toEqual([{ error: kept }])
  })
})
