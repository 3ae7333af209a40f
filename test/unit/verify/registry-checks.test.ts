/** What the registry's record alone makes of a certificate, whatever the policy asks for. */

import { describe, expect, it } from 'vitest'
import { REGISTRY_CHECKS } from '../../../src/verify/codes'
import {
  changed,
  eventAt,
  historyOf,
  idOf,
  leaf,
  middle,
  registrationOf,
  revocationOf,
  root,
  timeOf,
  without,
} from '../../support/evidence'
import { expectRefused, MADE_ELSEWHERE, POLICY_CHECKS, type Refusal } from '../../support/refusals'
import { takenOver } from '../../support/taken-over'

const refusals: Refusal[] = [
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
    asked: { history: takenOver('UNPROVEN') },
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
]

describe('verifyEvidence refuses', () => {
  it.each(refusals)('$code: $title', expectRefused)

  it('has a refusing case for every check it makes itself', () => {
    const elsewhere = [...POLICY_CHECKS, ...MADE_ELSEWHERE]
    const tested = new Set<string>([...refusals.map(({ code }) => code), ...elsewhere])
    expect([...tested].sort()).toEqual(Object.keys(REGISTRY_CHECKS).sort())
  })
})
