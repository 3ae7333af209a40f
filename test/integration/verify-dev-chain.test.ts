/** Verdicts over the recorded chain, judged by the pallet's own state after each block. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serialToHex } from '../../src/bytes'
import { encodePem } from '../../src/pki/pem'
import { readEvidence } from '../../src/store/read/evidence'
import { hopsAt } from '../../src/verify/chain-history'
import type { ChainHistory, Evidence } from '../../src/verify/evidence'
import { DEFAULT_POLICY } from '../../src/verify/policy'
import type { VerificationResult } from '../../src/verify/verdict'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import { RecordedState } from '../support/recorded-state'
import {
  canonical,
  findingCodes,
  openRecordedVerdicts,
  pointOf,
  type RecordedVerdicts,
} from '../support/recorded-verdicts'
import { story } from '../support/story'

const HEAD = 282

let recorded: RecordedVerdicts
beforeAll(async () => {
  recorded = await openRecordedVerdicts()
})
afterAll(() => recorded?.close())

const codes = (result: VerificationResult) => result.failures.map((check) => check.code)

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
  const { rows } = await recorded.pool.query<{ auto_id: string }>(
    'select distinct auto_id from certificate',
  )
  const moment = { state: pointOf(HEAD), clockMs: pointOf(HEAD).timeMs, knownAt: pointOf(HEAD) }
  const histories = new Map<string, ChainHistory>()
  for (const { auto_id: autoId } of rows) {
    const { past } = await readEvidence(recorded.pool, moment, { autoId })
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
        const read = await readEvidence(recorded.pool, moment, { autoId })
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
      const result = await recorded.verdict(story.agent, 275, { profile })
      expect([profile, result.verdict, codes(result)]).toEqual([profile, 'VALID', []])
      expect(result.indication).toBe('TOTAL-PASSED')
      expect(result.trustAnchor).toBe(story.organisation)
      expect(result.span().untilMs).toBeGreaterThan(pointOf(275).timeMs)
    }
  })

  it('block 276: revoked by the person, named with its block and since when', async () => {
    const result = await recorded.verdict(story.agent, 278)
    expect(result.verdict).toBe('INVALID')
    expect(result.indication).toBe('TOTAL-FAILED/REVOKED')
    expect(result.failures[0]).toMatchObject({ code: 'NOT_REVOKED', autoId: story.agent })
    expect(result.failures[0]?.event?.height).toBe(276)
    expect(result.span().sinceMs).toBe(pointOf(276).timeMs)
  })

  it('block 275 known at 282: still valid, with REVOKED_LATER; REJECT makes it invalid, IGNORE only informs', async () => {
    const agent = story.agent
    const warned = await recorded.verdict(agent, 275, {}, HEAD)
    expect([warned.verdict, findingCodes(warned).includes('REVOKED_LATER')]).toEqual([
      'VALID',
      true,
    ])
    const rejected = await recorded.verdict(agent, 275, { laterRevocation: 'REJECT' }, HEAD)
    expect([rejected.verdict, codes(rejected)]).toEqual(['INVALID', ['LATER_REVOCATION']])
    const ignored = await recorded.verdict(agent, 275, { laterRevocation: 'IGNORE' }, HEAD)
    const later = ignored.findings.find(({ code }) => code === 'REVOKED_LATER')
    expect([ignored.verdict, later?.severity]).toEqual(['VALID', 'INFO'])
  })

  it('only given trust anchors count; without any the result says that trust is the caller’s', async () => {
    const agent = story.agent
    const anchored = await recorded.verdict(agent, 275, {
      trustAnchors: [story.organisation],
    })
    expect([anchored.verdict, findingCodes(anchored).includes('TRUST_IS_THE_CALLERS')]).toEqual([
      'VALID',
      false,
    ])
    const other = await recorded.verdict(agent, 275, { trustAnchors: [story.partner] })
    expect([other.verdict, codes(other)]).toEqual(['INVALID', ['TRUST_ANCHOR']])
    expect(findingCodes(await recorded.verdict(agent, 275))).toContain('TRUST_IS_THE_CALLERS')
  })

  it('requireFinal: a block that is not final is undetermined, never valid (block 282)', async () => {
    const organisation = story.organisation
    expect((await recorded.verdict(organisation, HEAD)).verdict).toBe('VALID')
    const result = await recorded.verdict(organisation, HEAD, { requireFinal: true })
    expect([result.verdict, result.indication]).toEqual([
      'INDETERMINATE',
      'INDETERMINATE/TRY_LATER',
    ])
  })

  it('block 96-104: a revoked intermediate makes everything below invalid, until it is renewed', async () => {
    const { rows } = await recorded.pool.query<{ auto_id: string; issuer_id: string }>(
      `select auto_id, issuer_id from registry_event where block = 97`,
    )
    const leaf = rows[0]?.auto_id as string
    expect((await recorded.verdict(leaf, 97)).verdict).toBe('VALID')
    const result = await recorded.verdict(leaf, 98)
    expect(result.verdict).toBe('INVALID')
    expect(result.failures[0]).toMatchObject({ code: 'NOT_REVOKED', autoId: rows[0]?.issuer_id })
    expect(result.failures[0]?.event?.height).toBe(98)
  })

  it('block 130: children of a taken-over root are invalid, because its new key never signed them', async () => {
    const { rows } = await recorded.pool.query<{ auto_id: string }>(
      `select auto_id from registry_event where block = 120`,
    )
    const child = rows[0]?.auto_id as string
    const result = await recorded.verdict(child, 131)
    expect(result.verdict).toBe('INVALID')
    expect(codes(result)).toContain('ISSUER_KEY_UNCHANGED')
  })

  it('block 182: bytes after the TBS are valid by the registry, never by RFC 5280', async () => {
    const { rows } = await recorded.pool.query<{ auto_id: string }>(
      `select auto_id from registry_event where block = 182`,
    )
    const id = rows[0]?.auto_id as string
    expect((await recorded.verdict(id, 182)).verdict).toBe('VALID')
    const strict = await recorded.verdict(id, 182, { profile: 'RFC5280' })
    expect([strict.verdict, codes(strict)[0]]).toEqual(['INVALID', 'RFC5280_PATH'])
    expect(findingCodes(strict)).toContain('NOT_REBUILDABLE')
  })

  it('block 187: RSA-1024 with SHA-1 is a finding, and a failure when the policy asks for more', async () => {
    const { rows } = await recorded.pool.query<{ auto_id: string }>(
      `select auto_id from registry_event where block = 187`,
    )
    const id = rows[0]?.auto_id as string
    const plain = await recorded.verdict(id, 187)
    expect(findingCodes(plain)).toEqual(expect.arrayContaining(['WEAK_KEY', 'WEAK_DIGEST']))
    const strong = await recorded.verdict(id, 187, { minRsaBits: 2048 })
    expect([strong.verdict, codes(strong)]).toEqual(['INVALID', ['KEY_STRENGTH']])
    const critical = await recorded.verdict(id, 187, { rejectSeverity: 'WARNING' })
    expect(critical.verdict).toBe('INVALID')
  })

  it('an identity that was never registered is undetermined', async () => {
    const result = await recorded.verdict(`0x${'77'.repeat(32)}`, 100)
    expect([result.verdict, codes(result)]).toEqual(['INDETERMINATE', ['KNOWN']])
    expect(result.indication).toBe('INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND')
  })
})
describe('openssl verify', () => {
  it('accepts every chain that we call valid by RFC 5280 at the head', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'verify-'))
    const { rows } = await recorded.pool.query<{ auto_id: string }>(
      `select auto_id from auto_id_version where block_to is null and active order by auto_id`,
    )
    let accepted = 0
    try {
      for (const { auto_id } of rows) {
        const state = pointOf(HEAD)
        const moment = { state, clockMs: state.timeMs, knownAt: state }
        const evidence = await readEvidence(recorded.pool, moment, { autoId: auto_id })
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
    const { rows } = await recorded.pool.query<{ auto_id: string; serial: string }>(
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
