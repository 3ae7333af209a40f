/** Verdicts over the recorded chain, judged by the pallet's own state after each block. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serialToHex } from '../../src/bytes'
import { encodePem } from '../../src/pki/pem'
import { readEvidence } from '../../src/store/read/evidence'
import { hopsAt } from '../../src/verify/chain-history'
import type { ChainHistory, Evidence } from '../../src/verify/evidence'
import { type FindingCode, findingEntry } from '../../src/verify/finding-codes'
import { DEFAULT_POLICY, type Policy } from '../../src/verify/policy'
import type { VerificationResult } from '../../src/verify/verdict'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { canonicalStates, RecordedState } from '../support/recorded-state'

const HEAD = 282
const story = JSON.parse(readFileSync('chains/dev/story.json', 'utf8')) as Record<string, string>
const canonical = canonicalStates()

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  pool = new pg.Pool({ connectionString: database.url })
})
afterAll(async () => {
  await pool.end()
  await database.close()
})

function pointOf(height: number) {
  const block = canonical[height]
  if (!block || block.number !== height) throw new Error(`no block ${height}`)
  return { height, hash: block.hash, timeMs: block.timestamp, isFinal: height <= 278 }
}

async function verdict(
  autoId: string,
  height: number,
  policy: Partial<Policy> = {},
  knownAt = height,
): Promise<VerificationResult> {
  const state = pointOf(height)
  const moment = { state, clockMs: state.timeMs, knownAt: pointOf(knownAt) }
  const evidence = await readEvidence(pool, moment, { autoId })
  return verifyEvidence(evidence, { ...DEFAULT_POLICY, ...policy })
}

const codes = (result: VerificationResult) => result.failures.map((check) => check.code)
const findings = (result: VerificationResult) => result.findings.map((finding) => finding.code)

/** Evidence of any block from the history read at the head, without asking the database again. */
function evidenceFrom(history: ChainHistory, autoId: string, height: number): Evidence {
  const state = pointOf(height)
  const subject = { autoId }
  const hops = hopsAt(history, subject, height, height)
  return {
    state,
    clockMs: state.timeMs,
    knownAt: state,
    hops,
    isComplete: hops.at(-1)?.issuerId === null,
    isTruncated: false,
    advisories: [],
    sharedKeyWith: [],
    past: { subject, history },
  }
}

async function allHistories(): Promise<Map<string, ChainHistory>> {
  const { rows } = await pool.query<{ auto_id: string }>('select distinct auto_id from certificate')
  const moment = { state: pointOf(HEAD), clockMs: pointOf(HEAD).timeMs, knownAt: pointOf(HEAD) }
  const histories = new Map<string, ChainHistory>()
  for (const { auto_id: autoId } of rows) {
    const { past } = await readEvidence(pool, moment, { autoId })
    if (past) histories.set(autoId, past.history)
  }
  return histories
}

describe('verifyEvidence over the recorded chain', () => {
  it('gives, for every identity at every block, the verdict that the recorded storage implies', async () => {
    const histories = await allHistories()
    const state = new RecordedState()
    const counts = { compared: 0, uncertain: 0, valid: 0, lostKey: 0 }
    for (const block of canonical) {
      state.apply(block)
      for (const autoId of state.seen) {
        const history = histories.get(autoId)
        if (!history) throw new Error(`no history of ${autoId}`)
        const { past: _, ...evidence } = evidenceFrom(history, autoId, block.number)
        const result = verifyEvidence(evidence, DEFAULT_POLICY)
        const implied = state.isGood(autoId, block.timestamp)
        counts.compared += 1
        if (result.verdict === 'VALID') counts.valid += 1
        if (codes(result).join() === 'ISSUER_KEY_UNCHANGED') counts.lostKey += 1
        if (implied === null) counts.uncertain += 1
        else if ((result.verdict === 'VALID') !== implied) {
          expect([block.number, autoId, result.verdict, codes(result)]).toEqual(implied)
        }
      }
    }
    expect(counts.compared).toBeGreaterThan(36_000)
    expect(counts.valid).toBeGreaterThan(10_000)
    expect(counts.lostKey).toBeGreaterThan(0)
    expect(counts.uncertain).toBeLessThan(counts.compared / 50)
  })

  it('is read the same at a block as it stood in the history of the head', async () => {
    const histories = await allHistories()
    for (let height = 40; height <= HEAD; height += 60) {
      for (const [autoId, history] of histories) {
        const state = pointOf(height)
        const moment = { state, clockMs: state.timeMs, knownAt: state }
        const read = await readEvidence(pool, moment, { autoId })
        const { hops } = evidenceFrom(history, autoId, height)
        expect([height, autoId, read.hops]).toEqual([height, autoId, hops])
      }
    }
  })

  it('since: the verdict is the same at every block from there on, and another one just before', async () => {
    const histories = await allHistories()
    let turned = 0
    for (const [autoId, history] of histories) {
      const judge = (height: number) =>
        verifyEvidence(evidenceFrom(history, autoId, height), DEFAULT_POLICY)
      for (const height of [90, 141, 220, HEAD]) {
        const { verdict: now, span } = judge(height)
        if (now === 'INDETERMINATE') continue
        const { sinceMs, turnedBy } = span()
        if (sinceMs === null) throw new Error(`no beginning: ${autoId} at ${height}`)
        const blocks = canonical.filter(({ number }) => number >= 1 && number <= height)
        const from = blocks.filter(({ timestamp }) => timestamp >= sinceMs)
        const last = blocks.filter(({ timestamp }) => timestamp < sinceMs).at(-1)
        for (const { number } of from.filter((_, index) => index % 7 === 0)) {
          expect([autoId, number, judge(number).verdict]).toEqual([autoId, number, now])
        }
        if (last) expect([autoId, judge(last.number).verdict === now]).toEqual([autoId, false])
        if (turnedBy?.height != null) {
          expect(pointOf(turnedBy.height).timeMs).toBe(sinceMs)
          turned += 1
        }
      }
    }
    expect(turned).toBeGreaterThan(500)
  })

  it('block 269-275: the story’s agent is valid under both profiles, up to its organisation', async () => {
    for (const profile of ['REGISTRY', 'RFC5280'] as const) {
      const result = await verdict(story['agent'] as string, 275, { profile })
      expect([profile, result.verdict, codes(result)]).toEqual([profile, 'VALID', []])
      expect(result.indication).toBe('TOTAL-PASSED')
      expect(result.trustAnchor).toBe(story['organisation'])
      expect(result.span().untilMs).toBeGreaterThan(pointOf(275).timeMs)
    }
  })

  it('block 276: revoked by the person, named with its block and since when', async () => {
    const result = await verdict(story['agent'] as string, 278)
    expect(result.verdict).toBe('INVALID')
    expect(result.indication).toBe('TOTAL-FAILED/REVOKED')
    expect(result.failures[0]).toMatchObject({ code: 'NOT_REVOKED', autoId: story['agent'] })
    expect(result.failures[0]?.event?.height).toBe(276)
    expect(result.span().sinceMs).toBe(pointOf(276).timeMs)
  })

  it('block 275 known at 282: still valid, with REVOKED_LATER; REJECT makes it invalid, IGNORE only informs', async () => {
    const agent = story['agent'] as string
    const warned = await verdict(agent, 275, {}, HEAD)
    expect([warned.verdict, findings(warned).includes('REVOKED_LATER')]).toEqual(['VALID', true])
    const rejected = await verdict(agent, 275, { laterRevocation: 'REJECT' }, HEAD)
    expect([rejected.verdict, codes(rejected)]).toEqual(['INVALID', ['LATER_REVOCATION']])
    const ignored = await verdict(agent, 275, { laterRevocation: 'IGNORE' }, HEAD)
    const later = ignored.findings.find(({ code }) => code === 'REVOKED_LATER')
    expect([ignored.verdict, later?.severity]).toEqual(['VALID', 'INFO'])
  })

  it('only given trust anchors count; without any the result says that trust is the caller’s', async () => {
    const agent = story['agent'] as string
    const anchored = await verdict(agent, 275, { trustAnchors: [story['organisation'] as string] })
    expect([anchored.verdict, findings(anchored).includes('TRUST_IS_THE_CALLERS')]).toEqual([
      'VALID',
      false,
    ])
    const other = await verdict(agent, 275, { trustAnchors: [story['partner'] as string] })
    expect([other.verdict, codes(other)]).toEqual(['INVALID', ['TRUST_ANCHOR']])
    expect(findings(await verdict(agent, 275))).toContain('TRUST_IS_THE_CALLERS')
  })

  it('requireFinal: a block that is not final is undetermined, never valid (block 282)', async () => {
    const organisation = story['organisation'] as string
    expect((await verdict(organisation, HEAD)).verdict).toBe('VALID')
    const result = await verdict(organisation, HEAD, { requireFinal: true })
    expect([result.verdict, result.indication]).toEqual([
      'INDETERMINATE',
      'INDETERMINATE/TRY_LATER',
    ])
  })

  it('block 96-104: a revoked intermediate makes everything below invalid, until it is renewed', async () => {
    const { rows } = await pool.query<{ auto_id: string; issuer_id: string }>(
      `select auto_id, issuer_id from registry_event where block = 97`,
    )
    const leaf = rows[0]?.auto_id as string
    expect((await verdict(leaf, 97)).verdict).toBe('VALID')
    const result = await verdict(leaf, 98)
    expect(result.verdict).toBe('INVALID')
    expect(result.failures[0]).toMatchObject({ code: 'NOT_REVOKED', autoId: rows[0]?.issuer_id })
    expect(result.failures[0]?.event?.height).toBe(98)
  })

  it('block 130: children of a taken-over root are invalid, because its new key never signed them', async () => {
    const { rows } = await pool.query<{ auto_id: string }>(
      `select auto_id from registry_event where block = 120`,
    )
    const child = rows[0]?.auto_id as string
    const result = await verdict(child, 131)
    expect(result.verdict).toBe('INVALID')
    expect(codes(result)).toContain('ISSUER_KEY_UNCHANGED')
  })

  it('block 182: bytes after the TBS are valid by the registry, never by RFC 5280', async () => {
    const { rows } = await pool.query<{ auto_id: string }>(
      `select auto_id from registry_event where block = 182`,
    )
    const id = rows[0]?.auto_id as string
    expect((await verdict(id, 182)).verdict).toBe('VALID')
    const strict = await verdict(id, 182, { profile: 'RFC5280' })
    expect([strict.verdict, codes(strict)[0]]).toEqual(['INVALID', 'RFC5280_PATH'])
    expect(findings(strict)).toContain('NOT_REBUILDABLE')
  })

  it('block 187: RSA-1024 with SHA-1 is a finding, and a failure when the policy asks for more', async () => {
    const { rows } = await pool.query<{ auto_id: string }>(
      `select auto_id from registry_event where block = 187`,
    )
    const id = rows[0]?.auto_id as string
    const plain = await verdict(id, 187)
    expect(findings(plain)).toEqual(expect.arrayContaining(['WEAK_KEY', 'WEAK_DIGEST']))
    const strong = await verdict(id, 187, { minRsaBits: 2048 })
    expect([strong.verdict, codes(strong)]).toEqual(['INVALID', ['KEY_STRENGTH']])
    const critical = await verdict(id, 187, { rejectSeverity: 'WARNING' })
    expect(critical.verdict).toBe('INVALID')
  })

  it('an identity that was never registered is undetermined', async () => {
    const result = await verdict(`0x${'77'.repeat(32)}`, 100)
    expect([result.verdict, codes(result)]).toEqual(['INDETERMINATE', ['KNOWN']])
    expect(result.indication).toBe('INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND')
  })
})

/** Scenario blocks of chains/dev/README.md: asked right after, about the identity of the block's (last) event. */
const SCENARIOS: readonly (readonly [
  block: number,
  quirk: number,
  verdict: string,
  code: string,
])[] = [
  [100, 1, 'INVALID', 'ISSUER_REVOKED'],
  [101, 1, 'INVALID', 'ISSUER_REVOKED'],
  [103, 2, 'INVALID', 'REVOKED_IDENTITY_RENEWED'],
  [104, 2, 'VALID', 'REVOKED_IDENTITY_RENEWED'],
  [130, 3, 'VALID', 'KEY_REPLACED_UNPROVEN'],
  [130, 3, 'VALID', 'CHILDREN_UNDER_OTHER_KEY'],
  [175, 4, 'VALID', 'ISSUER_NOT_CA'],
  [175, 4, 'VALID', 'ISSUER_MAY_NOT_SIGN'],
  [176, 4, 'VALID', 'PATH_LENGTH_EXCEEDED'],
  [178, 4, 'VALID', 'NAME_CONSTRAINT_VIOLATED'],
  [172, 4, 'VALID', 'ISSUER_NAME_MISMATCH'],
  [179, 4, 'VALID', 'UNKNOWN_CRITICAL_EXTENSION'],
  [186, 4, 'VALID', 'WEAK_DIGEST'],
  [187, 4, 'VALID', 'WEAK_KEY'],
  [48, 5, 'INVALID', 'RENEWED_TO_REVOKED_SERIAL'],
  [203, 6, 'VALID', 'RENEWAL_SERIAL_UNRESERVED'],
  [204, 6, 'VALID', 'SERIAL_EQUALS_ISSUERS'],
  [205, 6, 'INVALID', 'REVOCATION_HITS_ISSUER'],
  [139, 7, 'INVALID', 'REGISTERED_REVOKED'],
  [142, 7, 'VALID', 'INHERITED_REVOCATION_LIST'],
  [123, 8, 'VALID', 'NONCE_RESTARTED'],
  [124, 8, 'INVALID', 'ACTION_REPLAYED'],
  [136, 8, 'VALID', 'REGISTRATION_REPLAYED'],
  [213, 9, 'VALID', 'OUTLIVES_ISSUER'],
  [218, 9, 'VALID', 'RENEWED_AFTER_EXPIRY'],
  [121, 10, 'INVALID', 'ACTIONS_NAME_NO_CHAIN'],
  [139, 10, 'INVALID', 'ACTIONS_NAME_NO_CHAIN'],
  [224, 11, 'VALID', 'LEAF_BECAME_ROOT'],
  [226, 11, 'VALID', 'LEAF_IDENTIFIER_TAKEN'],
  [228, 11, 'VALID', 'ROOT_BECAME_LEAF'],
  [111, 12, 'INVALID', 'SELF_REVOCATION_BLOCKS'],
  [127, 12, 'INVALID', 'CHILDREN_ORPHANED'],
  [217, 12, 'INVALID', 'EXPIRED_ISSUER_ACTED'],
  [42, 13, 'VALID', 'RENEWAL_SERIAL_UNRESERVED'],
  [157, 14, 'VALID', 'COMMON_NAME_NOT_TEXT'],
  [158, 14, 'VALID', 'COMMON_NAME_NOT_TEXT'],
  [159, 14, 'VALID', 'COMMON_NAME_ENCODING'],
  [168, 14, 'VALID', 'EMPTY_COMMON_NAME'],
  [180, 14, 'VALID', 'DUPLICATE_EXTENSION'],
  [181, 14, 'VALID', 'NOT_VERSION_3'],
  [182, 14, 'VALID', 'TRAILING_BYTES'],
  [191, 14, 'VALID', 'OUTER_ALGORITHM_DIFFERS'],
  [192, 14, 'VALID', 'OUTER_PARAMETERS_DIFFER'],
  [197, 14, 'VALID', 'SERIAL_ZERO'],
  [198, 14, 'VALID', 'SERIAL_NEGATIVE'],
  [200, 14, 'VALID', 'SERIAL_NOT_MINIMAL'],
]
/** What no strict reader takes is valid by the registry, never by RFC 5280. */
const NEVER_RFC5280 = [158, 160, 172, 175, 176, 178, 179, 180, 182, 186, 187, 191, 197, 198, 200]

async function identityOf(block: number): Promise<string> {
  const { rows } = await pool.query<{ auto_id: string }>(
    'select auto_id from registry_event where block = $1 order by id desc limit 1',
    [block],
  )
  return rows[0]?.auto_id ?? ''
}

describe('the quirks of the registry, in verdicts on the recorded chain', () => {
  it.each(SCENARIOS)('block %i, quirk %i: %s with %s', async (block, _quirk, expected, code) => {
    const result = await verdict(await identityOf(block), block)
    expect([result.verdict, findings(result)]).toEqual([expected, expect.arrayContaining([code])])
    const found = result.findings.find((finding) => finding.code === code)
    expect(found?.severity).toBe(findingEntry(code as FindingCode).severity)
  })

  it.each(NEVER_RFC5280)('block %i is never valid by RFC 5280', async (block) => {
    const autoId = await identityOf(block)
    expect((await verdict(autoId, block, { profile: 'RFC5280' })).verdict).toBe('INVALID')
  })
})

describe('version 1', () => {
  it('block 181: RFC 5280 §4.1.2.1 allows it to a target without extensions, as openssl does; it is a finding', async () => {
    const result = await verdict(await identityOf(181), 181, { profile: 'RFC5280' })
    expect([result.verdict, findings(result)]).toEqual([
      'VALID',
      expect.arrayContaining(['NOT_VERSION_3']),
    ])
  })
})

describe('openssl verify', () => {
  it('accepts every chain that we call valid by RFC 5280 at the head', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'verify-'))
    const { rows } = await pool.query<{ auto_id: string }>(
      `select auto_id from auto_id_version where block_to is null and active order by auto_id`,
    )
    let accepted = 0
    try {
      for (const { auto_id } of rows) {
        const state = pointOf(HEAD)
        const moment = { state, clockMs: state.timeMs, knownAt: state }
        const evidence = await readEvidence(pool, moment, { autoId: auto_id })
        const result = verifyEvidence(evidence, { ...DEFAULT_POLICY, profile: 'RFC5280' })
        if (result.verdict !== 'VALID') continue
        const pems = evidence.hops.map(({ certificate }) =>
          encodePem('CERTIFICATE', certificate.der ?? new Uint8Array()),
        )
        const write = (name: string, text: string) => {
          writeFileSync(join(directory, name), text)
          return join(directory, name)
        }
        const files = {
          leaf: write('leaf.pem', pems[0] ?? ''),
          root: write('root.pem', pems.at(-1) ?? ''),
          middle: write('middle.pem', pems.slice(1, -1).join('')),
        }
        const at = String(Math.floor(state.timeMs / 1000))
        const args = ['verify', '-attime', at, '-CAfile', files.root]
        if (pems.length > 2) args.push('-untrusted', files.middle)
        execFileSync('openssl', [...args, files.leaf], { stdio: 'pipe' })
        accepted += 1
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
    expect(accepted).toBeGreaterThan(5)
  })

  it('serials are shown as the chain stores them', async () => {
    const { rows } = await pool.query<{ auto_id: string; serial: string }>(
      `select auto_id, serial from auto_id_version where block_to is null and active limit 500`,
    )
    const stored = new Map(
      canonical.flatMap((block) =>
        Object.entries(block.autoIds.set).map(([id, e]) => [id, e.serial]),
      ),
    )
    for (const row of rows)
      expect(row.serial).toBe(serialToHex(BigInt(stored.get(row.auto_id) ?? -1)))
  })
})
