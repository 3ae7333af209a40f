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

/** An event of an identity made anew from its last one, so many times in one block. */
async function recordEvents(autoId: string, kind: string, block: number, times: number) {
  await client.query(
    `insert into registry_event
     select (jsonb_populate_record(last, jsonb_build_object('kind', $2::text, 'block', $3::int,
               'id', lpad($3::int::text, 10, '0') || '-' || lpad((7000 + n)::text, 6, '0')))).*
       from registry_event last, generate_series(1, $4::int) n
      where last.id = (select max(id) from registry_event where auto_id = $1)`,
    [autoId, kind, block, times],
  )
}

describe('what followed the asked moment', () => {
  const reject = { laterRevocation: 'REJECT' } as const

  it('block 48: a root that renews with the serial it has is revoked later, not renewed (quirk 5)', async () => {
    const root = await identityOf(48)
    expect((await verdict(root, { height: 48 })).verdict).toBe('INVALID')
    const asked = { height: 47, knownAt: 48 }
    const found = findings(await verdict(root, asked))
    expect(found).toContain('REVOKED_LATER')
    expect(found).not.toContain('SUPERSEDED_LATER')
    expect((await verdict(root, asked, reject)).verdict).toBe('INVALID')
    expect((await verdict(root, { height: 47 }, reject)).verdict).toBe('VALID')
  })

  it.each(['REVOKED', 'SUPERSEDED'])(
    'block 205: a root is revoked later when its leaf with the same serial is %s (quirk 6)',
    async (reason) => {
      const { rows } = await client.query<{ issuer_id: string }>(
        'update revocation set reason = $1 where block = 205 returning issuer_id',
        [reason],
      )
      const root = rows[0]?.issuer_id ?? ''
      const asked = { height: 204, knownAt: 205 }
      expect((await verdict(root, { height: 205 })).verdict).toBe('INVALID')
      expect(findings(await verdict(root, asked))).toContain('REVOKED_LATER')
      expect((await verdict(root, asked, reject)).verdict).toBe('INVALID')
      expect((await verdict(root, { height: 204 }, reject)).verdict).toBe('VALID')
      // Asked before its renewal in block 203 its serial was another one; it is the same root that was revoked.
      const before = await verdict(root, { height: 202, knownAt: 205 })
      expect(findings(before)).toEqual(
        expect.arrayContaining(['SUPERSEDED_LATER', 'REVOKED_LATER']),
      )
      expect(findings(await verdict(root, { height: 202, knownAt: 204 }))).not.toContain(
        'REVOKED_LATER',
      )
    },
  )

  it('block 224: a leaf that renews itself into a root has left its issuer', async () => {
    const leaf = await identityOf(224)
    const asked = { height: 223, knownAt: 224 }
    expect(findings(await verdict(leaf, asked))).toContain('LEFT_ISSUER_LATER')
    expect(checks(await verdict(leaf, asked, reject))).toContain('LATER_REVOCATION')
    expect(findings(await verdict(leaf, { height: 223 }))).not.toContain('LEFT_ISSUER_LATER')
  })

  it('a revocation is told after any number of renewals, and that there were more of those', async () => {
    const story = await identityOf(269)
    await recordEvents(story, 'RENEWED', 270, 1_100)
    await recordEvents(story, 'REVOKED', 271, 1)
    const asked = { height: 269, knownAt: 272 }
    const found = findings(await verdict(story, asked))
    expect(found.filter((code) => code === 'REVOKED_LATER')).toHaveLength(1)
    expect(found).toContain('LATER_RENEWALS_CUT')
    expect(found).not.toContain('LATER_EVENTS_CUT')
    expect(checks(await verdict(story, asked, reject))).toContain('LATER_REVOCATION')
    const before = await verdict(story, { height: 269, knownAt: 270 }, reject)
    expect(checks(before)).not.toContain('LATER_REVOCATION')
  })

  it('a takeover is told after any number of renewals', async () => {
    const root = await identityOf(130)
    await recordEvents(root, 'RENEWED', 128, 1_100)
    const found = findings(await verdict(root, { height: 126, knownAt: 131 }))
    expect(found).toEqual(expect.arrayContaining(['TAKEN_OVER_LATER', 'LATER_RENEWALS_CUT']))
  })

  it('more revocations than are read are said to be cut', async () => {
    const story = await identityOf(269)
    await recordEvents(story, 'DEACTIVATED', 270, 200)
    const found = findings(await verdict(story, { height: 269, knownAt: 272 }))
    expect(found).toContain('LATER_EVENTS_CUT')
  })
})
