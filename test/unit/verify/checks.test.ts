import { describe, expect, it } from 'vitest'
import { type CheckCode, REGISTRY_CHECKS, type RegistryCheckCode } from '../../../src/verify/codes'
import type { Policy } from '../../../src/verify/policy'
import type { Verdict } from '../../../src/verify/verdict'
import { lowOrderSpki, makeCertificate } from '../../support/certificates'
import {
  type Asked,
  eventAt,
  historyOf,
  idOf,
  laterOf,
  leaf,
  middle,
  ROOT,
  recordOf,
  registrationOf,
  revocationOf,
  root,
  timeOf,
  verdictOn,
} from '../../support/evidence'

type Case = {
  readonly title: string
  readonly code: RegistryCheckCode
  readonly asked?: Asked
  readonly policy?: Partial<Policy>
  readonly verdict: Verdict
  readonly indication?: string
  /** The identity the deciding check names. */
  readonly about?: string
}

const without = (...gone: string[]) =>
  [root, middle, leaf].filter(({ autoId }) => !gone.includes(autoId))
const changed = (change: Partial<typeof leaf>, which = leaf) =>
  historyOf({ certificates: [...without(which.autoId), { ...which, ...change }] })
const stranger = makeCertificate({ subject: 'root', seed: 'stranger' })
const second = recordOf({ made: stranger, height: 60, registrationId: `${root.autoId}-2` })
const firstRoot = { ...root, to: eventAt(50) }
const tenants = (continuity: 'UNPROVEN' | 'SAME_KEY') =>
  historyOf({
    certificates: [firstRoot, second, middle, leaf],
    registrations: [
      registrationOf(firstRoot, { to: eventAt(50) }),
      registrationOf(second, { ordinal: 2, continuity }),
      registrationOf(middle),
      registrationOf(leaf),
    ],
  })
/** The stranger leaves and comes back, which links it to itself only. */
const third = { ...second, id: eventAt(80).eventId, from: eventAt(80), registrationId: 'third' }
const cameBack = historyOf({
  certificates: [firstRoot, { ...second, to: eventAt(70) }, third],
  registrations: [
    registrationOf(firstRoot, { to: eventAt(50) }),
    registrationOf(second, { ordinal: 2, continuity: 'UNPROVEN', to: eventAt(70) }),
    registrationOf(third, { ordinal: 3, continuity: 'SAME_KEY' }),
  ],
})
/** The same, of a root whose certificates are too many for the earlier ones to be read. */
const unread = historyOf({
  certificates: [third],
  registrations: [registrationOf(third, { ordinal: 3, continuity: 'SAME_KEY' })],
  completeFrom: 80,
})

const refusals: Case[] = [
  {
    title: 'an identity nobody registered is undetermined, never valid',
    code: 'KNOWN',
    asked: { subject: { autoId: idOf('nobody') } },
    verdict: 'INDETERMINATE',
    indication: 'INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND',
  },
  {
    title: 'a certificate registered only after the asked block is undetermined',
    code: 'KNOWN',
    asked: { height: 29 },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'a deactivated identity is invalid (registry.md: absence counts as not valid)',
    code: 'REGISTERED',
    asked: {
      history: historyOf({
        certificates: [root, middle, { ...leaf, to: eventAt(90) }],
        registrations: [
          registrationOf(root),
          registrationOf(middle),
          registrationOf(leaf, { to: eventAt(90) }),
        ],
      }),
    },
    verdict: 'INVALID',
    indication: 'TOTAL-FAILED/REVOKED',
    about: leaf.autoId,
  },
  {
    title: 'below a deactivated issuer everything is invalid, and the issuer is named',
    code: 'REGISTERED',
    asked: {
      history: historyOf({
        certificates: [root, { ...middle, to: eventAt(90) }, leaf],
        registrations: [
          registrationOf(root),
          registrationOf(middle, { to: eventAt(90) }),
          registrationOf(leaf),
        ],
      }),
    },
    verdict: 'INVALID',
    about: middle.autoId,
  },
  {
    title: 'a certificate that a renewal replaced is invalid',
    code: 'IN_FORCE',
    asked: {
      subject: { autoId: leaf.autoId, certificateId: leaf.id },
      history: historyOf({
        certificates: [
          root,
          middle,
          { ...leaf, to: eventAt(90) },
          { ...leaf, id: eventAt(90).eventId, from: eventAt(90), serial: '0x4' },
        ],
      }),
    },
    verdict: 'INVALID',
    about: leaf.autoId,
  },
  {
    title: 'one millisecond past notAfter is expired (RFC 5280 §4.1.2.5: inclusive)',
    code: 'WITHIN_VALIDITY',
    asked: { clockMs: leaf.notAfterMs + 1 },
    verdict: 'INVALID',
    indication: 'TOTAL-FAILED/EXPIRED',
  },
  {
    title: 'one millisecond before notBefore is not yet valid',
    code: 'WITHIN_VALIDITY',
    asked: { clockMs: leaf.notBeforeMs - 1 },
    verdict: 'INVALID',
    indication: 'TOTAL-FAILED/NOT_YET_VALID',
  },
  {
    title: 'an expired issuer makes what it signed invalid (quirk 9)',
    code: 'WITHIN_VALIDITY',
    asked: { history: changed({ notAfterMs: timeOf(99) }, middle) },
    verdict: 'INVALID',
    about: middle.autoId,
  },
  {
    title: 'a serial in the issuer’s list is revoked',
    code: 'NOT_REVOKED',
    asked: { history: historyOf({ revocations: [revocationOf(leaf, 90)] }) },
    verdict: 'INVALID',
    indication: 'TOTAL-FAILED/REVOKED',
    about: leaf.autoId,
  },
  {
    title: 'a serial in the genesis state’s list is revoked, though no event says so',
    code: 'NOT_REVOKED',
    asked: {
      history: historyOf({ revocations: [{ ...revocationOf(leaf, 0), event: null }] }),
    },
    verdict: 'INVALID',
  },
  {
    title: 'a root whose serial stands in its own list takes all below with it (quirk 5)',
    code: 'NOT_REVOKED',
    asked: { history: historyOf({ revocations: [revocationOf(root, 90)] }) },
    verdict: 'INVALID',
    indication: 'INDETERMINATE/REVOKED_CA_NO_POE',
    about: root.autoId,
  },
  {
    title: 'a bad signature is invalid',
    code: 'SIGNATURE',
    asked: { history: changed({ signatureOutcome: 'BAD' }) },
    verdict: 'INVALID',
    indication: 'TOTAL-FAILED/SIG_CRYPTO_FAILURE',
  },
  {
    title: 'a signature nobody here can check is undetermined, never good',
    code: 'SIGNATURE',
    asked: { history: changed({ signatureOutcome: 'UNSUPPORTED' }) },
    verdict: 'INDETERMINATE',
    indication: 'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE',
  },
  {
    title: 'a signature nobody kept (genesis state) is undetermined, at any hop',
    code: 'SIGNATURE',
    asked: { history: changed({ signatureOutcome: 'UNAVAILABLE', hasSignature: false }, root) },
    verdict: 'INDETERMINATE',
    about: root.autoId,
  },
  {
    title: 'a child of a root that another key took over is invalid (quirk 3)',
    code: 'ISSUER_KEY_UNCHANGED',
    asked: { history: tenants('UNPROVEN') },
    verdict: 'INVALID',
    indication: 'INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE',
    about: middle.autoId,
  },
  {
    title: 'a certificate of which nobody knows the signing key is undetermined',
    code: 'ISSUER_KEY_UNCHANGED',
    asked: { history: changed({ signerKeySha256: null }) },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'an issuer that was never registered leaves nothing that anchors the chain',
    code: 'CHAIN_COMPLETE',
    asked: { history: historyOf({ certificates: without(root.autoId) }) },
    verdict: 'INVALID',
  },
  {
    title: 'a chain longer than is looked at is undetermined',
    code: 'CHAIN_COMPLETE',
    asked: { history: historyOf({ certificates: without(root.autoId) }), isTruncated: true },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'a root that is no trust anchor does not count',
    code: 'TRUST_ANCHOR',
    policy: { trustAnchors: [idOf('other')] },
    verdict: 'INVALID',
    indication: 'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND',
  },
  {
    title: 'an intermediate is no trust anchor: only roots count',
    code: 'TRUST_ANCHOR',
    policy: { trustAnchors: [middle.autoId] },
    verdict: 'INVALID',
  },
  {
    title: 'no trust anchor at all means that none counts',
    code: 'TRUST_ANCHOR',
    policy: { trustAnchors: [] },
    verdict: 'INVALID',
  },
  {
    title: 'a trust anchor that another key took over is undetermined until its key is named',
    code: 'TRUST_ANCHOR',
    asked: { history: tenants('UNPROVEN'), subject: { autoId: root.autoId } },
    policy: { trustAnchors: [root.autoId] },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'a trust anchor that a stranger took over and registered again stays undetermined',
    code: 'TRUST_ANCHOR',
    asked: { history: cameBack, subject: { autoId: root.autoId } },
    policy: { trustAnchors: [root.autoId] },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'a trust anchor whose earlier registrations were not all read is undetermined',
    code: 'TRUST_ANCHOR',
    asked: { history: unread, subject: { autoId: root.autoId } },
    policy: { trustAnchors: [root.autoId] },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'a trust anchor under another key than the one named does not count',
    code: 'TRUST_ANCHOR',
    asked: { history: tenants('UNPROVEN'), subject: { autoId: root.autoId } },
    policy: { trustAnchors: [root.autoId], trustAnchorKeys: [root.publicKeySha256] },
    verdict: 'INVALID',
  },
  {
    title: 'a block that is not final is undetermined when finality is asked for',
    code: 'FINALITY',
    asked: { isFinal: false },
    policy: { requireFinal: true },
    verdict: 'INDETERMINATE',
    indication: 'INDETERMINATE/TRY_LATER',
  },
  ...(['REVOKED', 'DEACTIVATED'] as const).map(
    (kind): Case => ({
      title: `${kind} after the asked moment is invalid when the policy rejects it`,
      code: 'LATER_REVOCATION',
      asked: { known: 200, history: historyOf({ events: [laterOf(middle, kind, 150)] }) },
      policy: { laterRevocation: 'REJECT' },
      verdict: 'INVALID',
      indication: 'INDETERMINATE/REVOKED_NO_POE',
      about: middle.autoId,
    }),
  ),
  {
    title: 'taken over after the asked moment is invalid when the policy rejects it',
    code: 'LATER_REVOCATION',
    asked: {
      known: 200,
      history: historyOf({ events: [laterOf(root, 'REGISTERED', 150, 'another key')] }),
    },
    policy: { laterRevocation: 'REJECT' },
    verdict: 'INVALID',
  },
  {
    title: 'a leaf that became a root after the asked moment is invalid when the policy rejects it',
    code: 'LATER_REVOCATION',
    asked: { known: 200, history: historyOf({ events: [laterOf(leaf, 'LEFT_ISSUER', 150)] }) },
    policy: { laterRevocation: 'REJECT' },
    verdict: 'INVALID',
  },
  {
    title: 'more later events than are read are undetermined when the policy rejects them',
    code: 'LATER_REVOCATION',
    asked: { known: 200, history: historyOf({ isCutLater: true }) },
    policy: { laterRevocation: 'REJECT' },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'an RSA key smaller than asked for is refused',
    code: 'KEY_STRENGTH',
    asked: { history: changed({ publicKeyAlgorithm: 'RSA', publicKeyBits: 1024 }, middle) },
    policy: { minRsaBits: 2048 },
    verdict: 'INVALID',
    indication: 'INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE',
    about: middle.autoId,
  },
  {
    title: 'an RSA key of unknown size is refused',
    code: 'KEY_STRENGTH',
    asked: { history: changed({ publicKeyAlgorithm: 'RSA', publicKeyBits: null }) },
    policy: { minRsaBits: 2048 },
    verdict: 'INVALID',
  },
  {
    title: 'a key of unknown kind is refused where strength is asked for',
    code: 'KEY_STRENGTH',
    asked: { history: changed({ publicKeyAlgorithm: 'unknown', publicKeyBits: null }) },
    policy: { minRsaBits: 2048 },
    verdict: 'INVALID',
  },
  {
    title: 'a key under which anybody can sign is refused where strength is asked for',
    code: 'KEY_STRENGTH',
    asked: { history: changed({ spki: lowOrderSpki() }, middle) },
    policy: { minEcBits: 256 },
    verdict: 'INVALID',
    about: middle.autoId,
  },
  {
    title: 'a curve smaller than asked for is refused',
    code: 'KEY_STRENGTH',
    policy: { minEcBits: 384 },
    verdict: 'INVALID',
  },
  ...['sha1WithRSAEncryption', 'ecdsa-with-SHA1', 'RSASSA-PSS-sha1'].map(
    (signatureAlgorithmName): Case => ({
      title: `${signatureAlgorithmName} is refused where SHA-1 is not allowed`,
      code: 'KEY_STRENGTH',
      asked: { history: changed({ signatureAlgorithmName }) },
      policy: { allowSha1: false },
      verdict: 'INVALID',
    }),
  ),
  {
    title: 'more issuers between target and root than allowed are refused',
    code: 'PATH_LENGTH',
    policy: { maxPathLength: 0 },
    verdict: 'INVALID',
  },
  {
    title: 'a certificate that cannot be rebuilt never is a path of RFC 5280',
    code: 'RFC5280_PATH',
    asked: { history: changed({ der: null, rebuildProblem: 'bytes follow the TBS' }) },
    policy: { profile: 'RFC5280' },
    verdict: 'INVALID',
  },
  {
    title: 'a path that nobody can rebuild for want of a signature is undetermined',
    code: 'RFC5280_PATH',
    asked: { history: changed({ der: null, hasSignature: false }) },
    policy: { profile: 'RFC5280' },
    verdict: 'INDETERMINATE',
  },
  {
    title: 'an issuer that is no CA is refused by RFC 5280 (quirk 4)',
    code: 'RFC5280_PATH',
    asked: {
      history: changed(
        { der: makeCertificate({ subject: 'middle', issuer: ROOT, serial: 2n }).der },
        middle,
      ),
    },
    policy: { profile: 'RFC5280' },
    verdict: 'INVALID',
    indication: 'INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE',
  },
]

describe('verifyEvidence refuses', () => {
  it.each(refusals)('$code: $title', ({ code, asked, policy, verdict, indication, about }) => {
    const result = verdictOn(asked, policy)
    const failures = result.failures.filter((check) => check.code === code)
    expect([result.verdict, failures.length > 0]).toEqual([verdict, true])
    if (indication !== undefined) expect(result.indication).toBe(indication)
    if (about !== undefined) expect(failures.map((check) => check.autoId)).toContain(about)
  })

  it('has a refusing case for every check it makes itself', () => {
    // Made by callers from other evidence: composite.test.ts, presented.test.ts, findings.test.ts.
    const elsewhere = ['COMPOSITE', 'PRESENTED_SIGNATURE', 'FINDINGS']
    const tested = new Set<string>([...refusals.map(({ code }) => code), ...elsewhere])
    expect([...tested].sort()).toEqual(Object.keys(REGISTRY_CHECKS).sort())
  })
})

const STRICT: Partial<Policy> = {
  profile: 'RFC5280',
  trustAnchors: [root.autoId],
  requireFinal: true,
  laterRevocation: 'REJECT',
  minRsaBits: 4096,
  minEcBits: 256,
  allowSha1: false,
  maxPathLength: 1,
  rejectSeverity: 'WARNING',
}

describe('verifyEvidence accepts', () => {
  it('a chain in order under the strictest policy, every check passed', () => {
    const result = verdictOn({ known: 200 }, STRICT)
    const all = [...result.chain.flatMap((hop) => hop.checks), ...result.checks]
    expect([result.verdict, result.indication, result.failures]).toEqual([
      'VALID',
      'TOTAL-PASSED',
      [],
    ])
    expect(all.filter(({ outcome }) => outcome !== 'PASSED')).toEqual([])
    const elsewhere: CheckCode[] = ['COMPOSITE', 'PRESENTED_SIGNATURE']
    const made = new Set([...all.map(({ code }) => code), ...elsewhere])
    expect([...made].sort()).toEqual(Object.keys(REGISTRY_CHECKS).sort())
    expect(result.trustAnchor).toBe(root.autoId)
  })

  const acceptances: [title: string, asked: Asked, policy?: Partial<Policy>][] = [
    ['at notAfter itself', { clockMs: leaf.notAfterMs }],
    ['at notBefore itself', { clockMs: leaf.notBeforeMs }],
    ['in the very block of its registration', { height: 30 }],
    [
      'in the block before the revocation',
      { height: 89, history: historyOf({ revocations: [revocationOf(leaf, 90)] }) },
    ],
    [
      'when another certificate’s serial stands in the list',
      { history: historyOf({ revocations: [{ ...revocationOf(leaf, 90), serial: '0x99' }] }) },
    ],
    [
      'when the serial stands in another issuer’s list',
      {
        history: historyOf({ revocations: [{ ...revocationOf(leaf, 90), issuerId: root.autoId }] }),
      },
    ],
    [
      'below an issuer that came back with the same key',
      {
        history: historyOf({
          certificates: [
            firstRoot,
            { ...root, id: eventAt(60).eventId, from: eventAt(60), registrationId: 'again' },
            middle,
            leaf,
          ],
        }),
      },
    ],
    [
      'a taken-over trust anchor whose new key the policy names',
      { history: tenants('UNPROVEN'), subject: { autoId: root.autoId } },
      { trustAnchors: [root.autoId], trustAnchorKeys: [second.publicKeySha256] },
    ],
    [
      'a trust anchor that came back with its own key',
      { history: tenants('SAME_KEY'), subject: { autoId: root.autoId } },
      { trustAnchors: [root.autoId] },
    ],
    [
      'a trust anchor named by its key, whatever was not read',
      { history: unread, subject: { autoId: root.autoId } },
      { trustAnchors: [root.autoId], trustAnchorKeys: [third.publicKeySha256] },
    ],
    ['an anchor named by its key alone', {}, { trustAnchorKeys: [root.publicKeySha256] }],
    ['a chain that is not final, when finality is not asked for', { isFinal: false }],
    [
      'with a later revocation, unless the policy rejects it',
      { known: 200, history: historyOf({ events: [laterOf(leaf, 'REVOKED', 150)] }) },
    ],
    [
      'a renewal after the asked moment, even if later revocations are rejected',
      { known: 200, history: historyOf({ events: [laterOf(leaf, 'RENEWED', 150)] }) },
      { laterRevocation: 'REJECT' },
    ],
    [
      'a revocation after what is known, even if later revocations are rejected',
      { known: 149, history: historyOf({ events: [laterOf(leaf, 'REVOKED', 150)] }) },
      { laterRevocation: 'REJECT' },
    ],
  ]
  it.each(acceptances)('%s', (_title, asked, policy) => {
    const result = verdictOn(asked, policy)
    expect([result.verdict, result.failures.map(({ code }) => code)]).toEqual(['VALID', []])
  })
})
