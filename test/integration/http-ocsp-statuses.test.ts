/** What OCSP says of each certificate of the recorded chain, judged by the pallet's own record. */

import { blake2b } from '@noble/hashes/blake2b'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes'
import { parseTbs } from '../../src/pki/certificate'
import { encodeCertId } from '../../src/pki/ocsp-request'
import type { OcspSingleResponse } from '../../src/pki/ocsp-response'
import { readExpected } from '../support/recorded-chain'
import { certIdOf, isNamable, openRecordedOcsp, type RecordedOcsp } from '../support/recorded-ocsp'
import { story } from '../support/story'

let ocsp: RecordedOcsp
beforeAll(async () => {
  ocsp = await openRecordedOcsp()
})
afterAll(() => ocsp?.close())

/** Entries and lists as the pallet's storage had them at the head. */
function finalState() {
  const autoIds = new Map<string, Record<string, unknown>>()
  const lists = new Map<string, Set<string>>()
  for (const block of readExpected().filter(({ branch }) => branch === 'canonical')) {
    for (const [id, entry] of Object.entries(block.autoIds.set)) autoIds.set(id, entry)
    for (const id of block.autoIds.removed) autoIds.delete(id)
    for (const [id, serials] of Object.entries(block.crl.set)) lists.set(id, new Set(serials))
  }
  return { autoIds, lists }
}

function blake2(bytes: Uint8Array): string {
  return toHex(blake2b(bytes, { dkLen: 32 }))
}

describe('statuses', () => {
  test("says of every certificate of the chain what the pallet's storage says", async () => {
    const { autoIds, lists } = finalState()
    const parseable = ocsp.certificates.filter(({ tbs }) => isNamable(tbs))
    const counts = { good: 0, revoked: 0, unknown: 0 }
    for (let from = 0; from < parseable.length; from += 32) {
      const rows = parseable.slice(from, from + 32)
      const answers = await ocsp.ask(
        rows.map((row) => certIdOf(row, from % 64 === 0 ? 'sha1' : 'sha256')),
      )
      expect(answers).toHaveLength(rows.length)
      for (const [index, row] of rows.entries()) {
        const answer = answers[index] as OcspSingleResponse
        counts[answer.certStatus.kind]++
        const serial = BigInt(row.serial).toString()
        const isListed = lists.get(row.issuer_id ?? row.auto_id)?.has(serial) === true
        const entry = autoIds.get(row.auto_id)
        const isInForce = entry !== undefined && entry['rawBlake2'] === blake2(row.tbs)
        const wanted = isListed || !isInForce ? 'revoked' : row.issuer_gone ? 'unknown' : 'good'
        expect(`${row.id} ${answer.certStatus.kind}`).toBe(`${row.id} ${wanted}`)
      }
    }
    expect(counts.good).toBeGreaterThan(150)
    expect(counts.revoked).toBeGreaterThan(100)
  })

  test('never says GOOD of a serial that was never issued', async () => {
    const row = ocsp.newestOf(story.service)
    const { issuer } = parseTbs(row.tbs)
    const neverIssued = encodeCertId(
      'sha1',
      issuer,
      row.issuer_spki as Buffer,
      Uint8Array.of(0x77, 0x77, 0x77),
    )
    expect((await ocsp.ask([neverIssued]))[0]?.certStatus).toEqual({ kind: 'unknown' })
  })

  test('says UNKNOWN when only the issuer name, or only its key, is right', async () => {
    const row = ocsp.newestOf(story.service)
    const other = ocsp.newestOf(story.organisation)
    const { issuer, serialBytes, subject } = parseTbs(row.tbs)
    const wrongKey = encodeCertId('sha1', issuer, other.issuer_spki as Buffer, serialBytes)
    const wrongName = encodeCertId('sha1', subject, row.issuer_spki as Buffer, serialBytes)
    const answers = await ocsp.ask([wrongKey, wrongName, certIdOf(row)])
    expect(answers.map(({ certStatus }) => certStatus.kind)).toEqual(['unknown', 'unknown', 'good'])
  })

  test("a revocation carries its block's time; a renewed certificate is superseded, a deactivated one ceased", async () => {
    const reasons = new Map<string, number | null>()
    const agent = await ocsp.ask([certIdOf(ocsp.newestOf(story.agent))])
    expect(agent[0]?.certStatus).toEqual({
      kind: 'revoked',
      revocationTimeMs: 1795116354000,
      reason: null,
    })
    const { rows } = await ocsp.client.query<{ certificate_id: string; kind: string }>(
      `select c.id as certificate_id, case when r.reason = 'SUPERSEDED' then 'superseded' else 'ceased' end as kind
         from certificate c join registration g on g.id = c.registration_id
         left join revocation r on r.issuer_id = coalesce(c.issuer_id, c.auto_id) and r.serial = c.serial
        where r.reason = 'SUPERSEDED' or (r.id is null and g.block_to is not null)`,
    )
    for (const { certificate_id, kind } of rows) {
      const row = ocsp.certificates.find(({ id }) => id === certificate_id)
      if (row === undefined || !isNamable(row.tbs)) continue
      const [answer] = await ocsp.ask([certIdOf(row)])
      if (answer?.certStatus.kind !== 'revoked') continue
      reasons.set(kind, answer.certStatus.reason)
    }
    expect(Object.fromEntries(reasons)).toEqual({ superseded: 4, ceased: 5 })
  })
})
