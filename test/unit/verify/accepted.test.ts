/** What verifyEvidence calls valid: chains in order, and every bound from its good side. */

import { describe, expect, it } from 'vitest'
import { type CheckCode, REGISTRY_CHECKS } from '../../../src/verify/codes'
import type { Policy } from '../../../src/verify/policy'
import {
  type Asked,
  eventAt,
  historyOf,
  laterOf,
  leaf,
  middle,
  revocationOf,
  root,
  verdictOn,
} from '../../support/evidence'
import { firstRoot, second, takenOver, third, unread } from '../../support/taken-over'

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
      { history: takenOver('UNPROVEN'), subject: { autoId: root.autoId } },
      { trustAnchors: [root.autoId], trustAnchorKeys: [second.publicKeySha256] },
    ],
    [
      'a trust anchor that came back with its own key',
      { history: takenOver('SAME_KEY'), subject: { autoId: root.autoId } },
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
