/** What a stranger can repeat at will never pushes out of a verdict what speaks against the chain. */

import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readEvidence } from '../../src/store/read/evidence'
import { MAX_OF_KIND } from '../../src/store/read/evidence-advisories'
import { DEFAULT_POLICY, type Policy } from '../../src/verify/policy'
import type { VerificationResult } from '../../src/verify/verdict'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { canonicalStates } from '../support/recorded-state'

const canonical = canonicalStates()

let database: TestDatabase
let client: pg.Client
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client?.end()
  await database?.close()
})
// What a test adds to the recorded chain is never committed.
beforeEach(() => client.query('begin'))
afterEach(() => client.query('rollback'))

function pointOf(height: number) {
  const block = canonical[height]
  if (!block || block.number !== height) throw new Error(`no block ${height}`)
  return { height, hash: block.hash, timeMs: block.timestamp, isFinal: true }
}

type Asked = { readonly height: number; readonly knownAt?: number; readonly certificateId?: string }

async function verdict(
  autoId: string,
  { height, knownAt = height, certificateId }: Asked,
  policy: Partial<Policy> = {},
): Promise<VerificationResult> {
  const state = pointOf(height)
  const moment = { state, clockMs: state.timeMs, knownAt: pointOf(knownAt) }
  const subject = certificateId === undefined ? { autoId } : { autoId, certificateId }
  const evidence = await readEvidence(client, moment, subject)
  return verifyEvidence(evidence, { ...DEFAULT_POLICY, ...policy })
}

const findings = ({ findings: found }: VerificationResult) => found.map(({ code }) => code)
const checks = ({ failures }: VerificationResult) => failures.map(({ code }) => code)

/** The identity of the (last) event of a block. */
async function identityOf(block: number): Promise<string> {
  const { rows } = await client.query<{ auto_id: string }>(
    'select auto_id from registry_event where block = $1 order by id desc limit 1',
    [block],
  )
  return rows[0]?.auto_id ?? ''
}

/** As many advisories of one kind as so many renewals in one block would leave. */
async function repeat(autoId: string, code: string, block: number, times: number): Promise<void> {
  await client.query(
    `insert into advisory (id, block, event_id, auto_id, certificate_id, code, severity, facts)
     select event || '-' || $2, $3::int, event, $1, event, $2, 'INFO', '{}'
       from (select lpad($3::int::text, 10, '0') || '-' || lpad((5000 + n)::text, 6, '0') as event
               from generate_series(1, $4::int) n) events`,
    [autoId, code, block, times],
  )
}

describe('advisories that repeat', () => {
  const rejecting = { rejectFindings: ['KEY_REPLACED_UNPROVEN'] }

  it('a root that a stranger registered again stays rejected after a thousand renewals', async () => {
    const root = await identityOf(130)
    const before = await verdict(root, { height: 131 }, rejecting)
    expect([before.verdict, checks(before)]).toEqual(['INVALID', ['FINDINGS']])
    await repeat(root, 'RENEWAL_SERIAL_UNRESERVED', 131, 1_100)
    const after = await verdict(root, { height: 131 }, rejecting)
    expect([after.verdict, checks(after)]).toEqual(['INVALID', ['FINDINGS']])
    const critical = await verdict(root, { height: 131 }, { rejectSeverity: 'CRITICAL' })
    expect(critical.verdict).toBe('INVALID')
  })

  it('the newest of a kind are told, and that there are more; as many as are read are not cut', async () => {
    const root = await identityOf(130)
    await repeat(root, 'RENEWED_AFTER_EXPIRY', 131, MAX_OF_KIND)
    expect(findings(await verdict(root, { height: 131 }))).not.toContain('FINDINGS_REPEAT')
    await repeat(root, 'OUTLIVES_ISSUER', 131, MAX_OF_KIND + 1)
    await repeat(root, 'RENEWAL_SERIAL_UNRESERVED', 131, MAX_OF_KIND + 1)
    const found = findings(await verdict(root, { height: 131 }))
    const repeated = found.filter((code) => code === 'RENEWAL_SERIAL_UNRESERVED')
    expect(repeated).toHaveLength(MAX_OF_KIND)
    expect(found).toContain('FINDINGS_REPEAT')
  })

  it('what comes after the asked block is not told', async () => {
    const root = await identityOf(130)
    await repeat(root, 'RENEWAL_SERIAL_UNRESERVED', 132, MAX_OF_KIND + 1)
    const found = findings(await verdict(root, { height: 131 }))
    expect(found).not.toContain('RENEWAL_SERIAL_UNRESERVED')
    expect(found).not.toContain('FINDINGS_REPEAT')
  })

  it('what was found in a replaced certificate is told of it, however often its successors repeat it', async () => {
    const { rows } = await client.query<{ auto_id: string; id: string; block: number }>(
      `select c.auto_id, c.id, c.block_to + 1 as block from certificate c
         join advisory a on a.certificate_id = c.id and a.code = 'ISSUER_NOT_CA' and a.event_id = c.id
         join registry_event e on e.id = c.event_to and e.kind = 'RENEWED' order by c.id limit 1`,
    )
    const [asked] = rows
    if (asked === undefined) throw new Error('no such certificate')
    await repeat(asked.auto_id, 'ISSUER_NOT_CA', asked.block, 1_100)
    const { auto_id: autoId, id: certificateId, block: height } = asked
    const found = findings(await verdict(autoId, { height, certificateId }))
    expect(found).toContain('ISSUER_NOT_CA')
  })
})
