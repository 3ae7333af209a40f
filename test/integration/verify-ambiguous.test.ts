/**
 * Anybody may register a stranger's public key under an issuer of his own, and then, under that key, every certificate the
 * stranger ever signed: the very same bytes stand under two identities, and one list says nothing of the other.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serialToHex } from '../../src/bytes'
import { assembleCertificate } from '../../src/pki/certificate'
import { encodePem } from '../../src/pki/pem'
import { identifierOfCall } from '../../src/registry/pallet-certificate'
import type { RegistryCall } from '../../src/registry/types'
import { openTestApi, type TestApi } from '../support/api'
import { indexCalls } from '../support/made-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { actionCall, KEYS, leafCall, NOW, registerCall, serial } from '../support/registry-builder'

const idOf = (call: RegistryCall) => identifierOfCall(call) ?? ''
const underStranger = (commonName: string, value: number, key = KEYS.a) =>
  leafCall(strangerId, { commonName, serial: serial(value), key, signer: KEYS.c })

const victim = registerCall({ commonName: 'victim', key: KEYS.a })
const victimId = idOf(victim)
const leaf = leafCall(victimId)
const leafId = idOf(leaf)
const stranger = registerCall({ commonName: 'stranger', key: KEYS.c })
const strangerId = idOf(stranger)
const twin = underStranger('twin', 3)
const twinId = idOf(twin)
const replayed: RegistryCall = { ...leaf, kind: 'REGISTER', issuerId: twinId } as RegistryCall
const replayedId = idOf(replayed)

/** Blocks: 1 victim, 2 leaf, 3 stranger, 4 twin, 5 the leaf again below it, 6 the victim revokes its leaf. */
const calls = [
  ...[victim, leaf, stranger, twin, replayed].map((call) => ({ call, autoId: idOf(call) })),
  { call: actionCall('REVOKE', leafId, KEYS.a, 0n), autoId: leafId },
]

let database: TestDatabase
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  await indexCalls(database.url, calls)
  api = openTestApi(database.url, { nowMs: () => NOW + 60_000 })
})
afterAll(async () => {
  await api?.close()
  await database?.close()
})

type Result = {
  verdict: string
  trustAnchor: { id: string } | null
  failures: { code: string }[]
  findings: { code: string; autoId: { id: string } | null }[]
}
const VERIFY = `query ($subject: CertificateRef!, $at: PointInTime, $policy: PolicyInput) {
  verify(subject: $subject, at: $at, knownAt: $at, policy: $policy) {
    verdict trustAnchor { id } failures { code } findings { code autoId { id } } } }`
const pem =
  'certificate' in leaf
    ? encodePem('CERTIFICATE', assembleCertificate(leaf.certificate, leaf.signature))
    : ''

async function verify(block: number, policy: object = {}, subject: object = { pem }) {
  const variables = { subject, at: { block }, policy }
  const { verify: result } = await api.ask<{ verify: Result }>(VERIFY, variables)
  const elsewhere = result.findings.filter(({ code }) => code === 'REFERENCE_AMBIGUOUS')
  return {
    verdict: result.verdict,
    root: result.trustAnchor?.id,
    failures: result.failures.map(({ code }) => code),
    elsewhere: elsewhere.map(({ autoId }) => autoId?.id),
  }
}

describe('verify, a certificate that two identities registered', () => {
  it('is as good as the worst of them: its issuer’s revocation counts, whoever registered it again', async () => {
    expect(await verify(5)).toMatchObject({ verdict: 'VALID', failures: [] })
    expect(await verify(6)).toEqual({
      verdict: 'INVALID',
      root: victimId,
      failures: ['NOT_REVOKED'],
      elsewhere: [replayedId],
    })
  })

  it('with trust anchors, only those that lead to one count', async () => {
    const trusted = { trustAnchors: [victimId] }
    expect(await verify(5, trusted)).toMatchObject({ verdict: 'VALID', root: victimId })
    expect(await verify(6, trusted)).toMatchObject({ verdict: 'INVALID', root: victimId })
    const others = { trustAnchors: [strangerId] }
    expect(await verify(6, others)).toMatchObject({ verdict: 'VALID', root: strangerId })
  })

  it('tells so by a finding, which the policy may reject', async () => {
    expect((await verify(4)).elsewhere).toEqual([])
    expect((await verify(5)).elsewhere).toHaveLength(1)
    const strict = { rejectFindings: ['REFERENCE_AMBIGUOUS'] }
    expect((await verify(4, strict)).verdict).toBe('VALID')
    expect(await verify(5, strict)).toMatchObject({ verdict: 'INVALID', failures: ['FINDINGS'] })
  })

  it('asked for by its identity or by issuer and serial it is one certificate only', async () => {
    const byId = await verify(6, {}, { autoId: replayedId })
    expect(byId).toMatchObject({ verdict: 'VALID', elsewhere: [] })
    const bySerial = (issuer: string) =>
      verify(6, {}, { issuerSerial: { issuerId: issuer, serial: serialToHex(2n) } })
    expect(await bySerial(victimId)).toMatchObject({ verdict: 'INVALID', elsewhere: [] })
    expect(await bySerial(twinId)).toMatchObject({ verdict: 'VALID', elsewhere: [] })
  })
})

describe('revocationStatus, a certificate that two identities registered', () => {
  const status = async (block: number) => {
    const query = `query ($of: CertificateRef!, $at: PointInTime) {
      revocationStatus(of: $of, at: $at) { status revokedAt { height } } }`
    const answer = await api.ask<{ revocationStatus: object }>(query, {
      of: { pem },
      at: { block },
    })
    return answer.revocationStatus
  }

  it('is REVOKED as soon as one of its issuers says so, as by OCSP', async () => {
    expect(await status(5)).toEqual({ status: 'GOOD', revokedAt: null })
    expect(await status(6)).toEqual({ status: 'REVOKED', revokedAt: { height: 6 } })
  })
})
