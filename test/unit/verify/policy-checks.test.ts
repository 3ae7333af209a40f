/** What a relying party's policy asks for beyond the registry's record. */

import { describe, expect, it } from 'vitest'
import { lowOrderSpki, makeCertificate } from '../../support/certificates'
import { changed, historyOf, idOf, laterOf, leaf, middle, ROOT, root } from '../../support/evidence'
import { expectRefused, POLICY_CHECKS, type Refusal } from '../../support/refusals'
import { cameBack, takenOver, unread } from '../../support/taken-over'

const refusals: Refusal[] = [
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
    asked: { history: takenOver('UNPROVEN'), subject: { autoId: root.autoId } },
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
    asked: { history: takenOver('UNPROVEN'), subject: { autoId: root.autoId } },
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
    (kind): Refusal => ({
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
    (signatureAlgorithmName): Refusal => ({
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
  it.each(refusals)('$code: $title', expectRefused)

  it('has a refusing case for every check it makes itself', () => {
    const tested = new Set(refusals.map(({ code }) => code))
    expect([...tested].sort()).toEqual([...POLICY_CHECKS].sort())
  })
})
