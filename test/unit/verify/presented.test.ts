import { describe, expect, it } from 'vitest'
import { assembleCertificate, parseCertificate } from '../../../src/pki/certificate'
import { DEFAULT_POLICY, type Policy } from '../../../src/verify/policy'
import { applyPresented, foreignFindings } from '../../../src/verify/presented'
import { verifyEvidence } from '../../../src/verify/verify-auto-id'
import { makeCertificate, spkiOf } from '../../support/certificates'
import {
  eventAt,
  evidenceOf,
  historyOf,
  LEAF,
  leaf,
  MIDDLE,
  middle,
  ROOT,
  root,
  timeOf,
} from '../../support/evidence'

function verdictOnShown(
  chain: readonly Uint8Array[],
  evidence = evidenceOf(),
  policy: Partial<Policy> = {},
) {
  const shown = applyPresented(evidence, chain)
  const { checks, findings } = shown
  return verifyEvidence(shown.evidence, { ...DEFAULT_POLICY, ...policy }, checks, findings)
}

const codes = (list: readonly { readonly code: string }[]) => list.map(({ code }) => code)
const { tbs, signature } = parseCertificate(LEAF.der)
const flipped = Uint8Array.from(signature, (byte, index) => (index === 3 ? byte ^ 1 : byte))
const forged = assembleCertificate(tbs, flipped)

describe('applyPresented', () => {
  it('the recorded bytes themselves are answered as recorded', () => {
    const result = verdictOnShown([LEAF.der])
    expect([result.verdict, codes(result.checks)]).toEqual([
      'VALID',
      expect.not.arrayContaining(['PRESENTED_SIGNATURE']),
    ])
    expect(codes(result.findings)).not.toContain('MATCHED_BY_TBS')
  })

  it('a registered TBS under a forged signature is invalid', () => {
    const result = verdictOnShown([forged])
    expect([result.verdict, codes(result.failures)]).toEqual(['INVALID', ['PRESENTED_SIGNATURE']])
    expect(result.indication).toBe('TOTAL-FAILED/SIG_CRYPTO_FAILURE')
    expect(codes(result.findings)).toContain('MATCHED_BY_TBS')
  })

  it('another good signature of the same issuer over the same TBS passes', () => {
    // The record lost its bytes: the same certificate shown is another one, and well signed.
    const evidence = evidenceOf({
      history: historyOf({ certificates: [root, middle, { ...leaf, der: null }] }),
    })
    const result = verdictOnShown([LEAF.der], evidence)
    expect([result.verdict, codes(result.failures)]).toEqual(['VALID', []])
    expect(result.checks).toContainEqual(
      expect.objectContaining({ code: 'PRESENTED_SIGNATURE', outcome: 'PASSED' }),
    )
  })

  it('RFC 5280 is asked about the shown bytes, not about the recorded ones', () => {
    const result = verdictOnShown([forged], evidenceOf(), { profile: 'RFC5280' })
    expect(codes(result.failures)).toEqual(
      expect.arrayContaining(['PRESENTED_SIGNATURE', 'RFC5280_PATH', 'SIG_BAD']),
    )
  })

  it('an unregistered issuer leaves the shown signature undetermined', () => {
    const evidence = evidenceOf({ history: historyOf({ certificates: [leaf] }) })
    const { checks } = applyPresented(evidence, [forged])
    expect(checks).toMatchObject([{ code: 'PRESENTED_SIGNATURE', isUndetermined: true }])
  })

  it('bytes that are no certificate are a failure of format', () => {
    const { checks } = applyPresented(evidenceOf(), [tbs])
    expect(checks).toMatchObject([{ outcome: 'FAILED', indication: 'TOTAL-FAILED/FORMAT_FAILURE' }])
  })

  it('a shown chain of other issuers is said to be another one', () => {
    const other = makeCertificate({ subject: 'middle', seed: 'other' })
    expect(codes(verdictOnShown([LEAF.der, other.der]).findings)).toContain(
      'PRESENTED_CHAIN_DIFFERS',
    )
    expect(codes(verdictOnShown([LEAF.der, MIDDLE.der, ROOT.der]).findings)).not.toContain(
      'PRESENTED_CHAIN_DIFFERS',
    )
  })
})

describe('since, of shown bytes', () => {
  const policy = { profile: 'RFC5280' } as const
  const renewal = [
    { ...middle, to: eventAt(60) },
    { ...middle, id: eventAt(60).eventId, from: eventAt(60), serial: '0x22' },
  ]
  const history = historyOf({ certificates: [root, ...renewal, leaf] })

  it('goes past a renewal of an issuer where the recorded bytes are shown', () => {
    const result = verdictOnShown([LEAF.der], evidenceOf({ history }), policy)
    expect([result.verdict, result.span().sinceMs]).toEqual(['VALID', timeOf(30)])
  })

  it('is judged about those bytes at every moment, never about the recorded ones', () => {
    const result = verdictOnShown([forged], evidenceOf({ history }), policy)
    expect([result.verdict, result.span().sinceMs]).toEqual(['INVALID', timeOf(30)])
  })
})

describe('a policy about findings', () => {
  const other = makeCertificate({ subject: 'middle', seed: 'other' })
  const rejectFindings = ['PRESENTED_CHAIN_DIFFERS']

  it('counts those about the shown bytes, and lets them pass where there are none', () => {
    const differs = verdictOnShown([LEAF.der, other.der], evidenceOf(), { rejectFindings })
    expect([differs.verdict, codes(differs.failures)]).toEqual(['INVALID', ['FINDINGS']])
    const same = verdictOnShown([LEAF.der, MIDDLE.der], evidenceOf(), { rejectFindings })
    expect([same.verdict, codes(same.failures)]).toEqual(['VALID', []])
  })

  it('is told that the shown bytes were matched by their TBS', () => {
    const evidence = evidenceOf({
      history: historyOf({ certificates: [root, middle, { ...leaf, der: null }] }),
    })
    const policy = { rejectFindings: ['MATCHED_BY_TBS'] }
    expect(verdictOnShown([LEAF.der], evidence).verdict).toBe('VALID')
    expect(verdictOnShown([LEAF.der], evidence, policy).verdict).toBe('INVALID')
  })

  it('shows them in their place: the most severe first', () => {
    const { findings } = verdictOnShown([LEAF.der, other.der], evidenceOf({ isFinal: false }))
    const rank = findings.map(({ severity }) => ['CRITICAL', 'WARNING', 'INFO'].indexOf(severity))
    expect(rank).toEqual([...rank].sort())
    expect(codes(findings)).toContain('PRESENTED_CHAIN_DIFFERS')
  })
})

describe('foreignFindings', () => {
  const unregistered = makeCertificate({ subject: 'web', issuer: MIDDLE, serial: 9n })
  const key = (made: typeof MIDDLE, autoId: string) => ({ autoId, spki: spkiOf(made.key) })

  it('a certificate that an identity signed past the registry is a critical finding', () => {
    const found = foreignFindings(unregistered.der, [], [key(MIDDLE, middle.autoId)])
    expect(found).toMatchObject([
      { code: 'ISSUED_OUTSIDE_REGISTRY', severity: 'CRITICAL', autoId: middle.autoId },
    ])
  })

  it('an issuer that only stands beside it did not sign it', () => {
    expect(foreignFindings(unregistered.der, [], [key(ROOT, root.autoId)])).toEqual([])
  })

  it('identities with the same key are named', () => {
    const found = foreignFindings(unregistered.der, [key(LEAF, leaf.autoId)], [])
    expect(found).toMatchObject([{ code: 'FOREIGN_CERTIFICATE_KNOWN_KEY', autoId: leaf.autoId }])
  })

  it('says nothing of bytes that are no certificate', () => {
    expect(foreignFindings(tbs, [key(LEAF, leaf.autoId)], [])).toEqual([])
  })
})
