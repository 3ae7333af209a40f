/** `verify` of a certificate that somebody shows: known, forged, foreign, or signed past the registry. */

import { createPrivateKey, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex } from '../../src/bytes'
import { assembleCertificate, parseCertificate } from '../../src/pki/certificate'
import { decodePemCertificates, encodePem } from '../../src/pki/pem'
import { at275, codes, openVerdictApi, type VerdictApi } from '../support/asked-verdicts'
import { makeCertificate } from '../support/certificates'
import { pemOf, story } from '../support/story'

let api: VerdictApi
beforeAll(async () => {
  api = await openVerdictApi()
})
afterAll(() => api?.close())

describe('verify a certificate that is shown', () => {
  it('by its PEM, alone or with its chain, by its fingerprints and by issuer and serial', async () => {
    const pem = await api.chainPem(story.agent, 275)
    const [leaf] = decodePemCertificates(pem)
    const alone = encodePem('CERTIFICATE', leaf ?? new Uint8Array())
    const query = `query ($id: ID!, $at: PointInTime) { autoId(id: $id, at: $at) { issuerId
      certificate { fingerprint tbsFingerprint serial } } }`
    const { autoId } = await api.ask<{
      autoId: {
        issuerId: string
        certificate: { fingerprint: string; tbsFingerprint: string; serial: string }
      }
    }>(query, { id: story.agent, at: { block: 275 } })
    const { fingerprint, tbsFingerprint, serial } = autoId.certificate
    const subjects = [
      { pem },
      { pem: alone },
      { fingerprint },
      { fingerprint: tbsFingerprint },
      { issuerSerial: { issuerId: autoId.issuerId, serial } },
    ]
    for (const subject of subjects) {
      const result = await api.verify(subject, { ...at275, policy: { profile: 'RFC5280' } })
      expect([subject, result.verdict, result.chain[0]?.autoId.id]).toEqual([
        subject,
        'VALID',
        story.agent,
      ])
      expect((await api.verify(subject, { at: { block: 282 } })).verdict).toBe('INVALID')
    }
  })

  it('a registered TBS under a forged signature is invalid, under either profile', async () => {
    const [leaf] = decodePemCertificates(await api.chainPem(story.agent, 275))
    const { tbs, signature } = parseCertificate(leaf ?? new Uint8Array())
    const forged = Uint8Array.from(signature, (byte, index) => (index === 9 ? byte ^ 1 : byte))
    const pem = encodePem('CERTIFICATE', assembleCertificate(tbs, forged))
    for (const profile of ['REGISTRY', 'RFC5280']) {
      const result = await api.verify({ pem }, { ...at275, policy: { profile } })
      expect([result.verdict, codes(result.failures)]).toEqual([
        'INVALID',
        expect.arrayContaining(['PRESENTED_SIGNATURE']),
      ])
    }
  })

  it('a certificate before it was registered, and one never registered, are undetermined', async () => {
    const pem = await api.chainPem(story.agent, 275)
    const early = await api.verify({ pem }, { at: { block: 268 } })
    expect([early.verdict, codes(early.failures)]).toEqual(['INDETERMINATE', ['KNOWN']])
    const foreign = makeCertificate({ subject: 'somebody' })
    const result = await api.verify({ pem: encodePem('CERTIFICATE', foreign.der) })
    expect([result.verdict, result.indication, result.chain]).toEqual([
      'INDETERMINATE',
      'INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND',
      [],
    ])
  })

  it('a foreign certificate of a registered key, or signed past the registry, says so', async () => {
    const key = createPrivateKey(pemOf(story.agent))
    const [leaf] = decodePemCertificates(await api.chainPem(story.agent, 275))
    const unsigned = parseCertificate(leaf ?? new Uint8Array())
    // The agent's own certificate with one bit of its validity changed, signed by the agent itself.
    const tbs = Uint8Array.from(unsigned.tbs)
    const at = Buffer.from(tbs).indexOf(Buffer.from('Z'))
    tbs[at - 1] = (tbs[at - 1] ?? 0) ^ 1
    const signature = new Uint8Array(sign(null, tbs, key))
    const der = assembleCertificate(tbs, signature, fromHex('0x300506032b6570'))
    const alone = await api.verify({ pem: encodePem('CERTIFICATE', der) }, at275)
    expect([alone.verdict, codes(alone.findings)]).toEqual([
      'INDETERMINATE',
      expect.arrayContaining(['FOREIGN_CERTIFICATE_KNOWN_KEY']),
    ])
    const chain = [der, leaf ?? new Uint8Array()].map((each) => encodePem('CERTIFICATE', each))
    const below = await api.verify({ pem: chain.join('') }, at275)
    expect([below.verdict, codes(below.findings)]).toEqual([
      'INDETERMINATE',
      expect.arrayContaining(['ISSUED_OUTSIDE_REGISTRY']),
    ])
    const policy = { rejectFindings: ['ISSUED_OUTSIDE_REGISTRY'] }
    const rejected = await api.verify({ pem: chain.join('') }, { ...at275, policy })
    expect([rejected.verdict, codes(rejected.failures)]).toEqual([
      'INVALID',
      expect.arrayContaining(['FINDINGS', 'KNOWN']),
    ])
    const stranger = makeCertificate({ subject: 'somebody' })
    const unknown = await api.verify({ pem: encodePem('CERTIFICATE', stranger.der) }, { policy })
    expect([unknown.verdict, codes(unknown.failures)]).toEqual(['INDETERMINATE', ['KNOWN']])
  })

  it('a policy may reject a shown chain that is not the recorded one', async () => {
    const policy = { rejectFindings: ['PRESENTED_CHAIN_DIFFERS'] }
    const recorded = await api.chainPem(story.agent, 275)
    const same = await api.verify({ pem: recorded }, { ...at275, policy })
    expect([same.verdict, codes(same.failures)]).toEqual(['VALID', []])
    const stranger = makeCertificate({ subject: 'somebody' })
    const pem = recorded + encodePem('CERTIFICATE', stranger.der)
    expect((await api.verify({ pem }, at275)).verdict).toBe('VALID')
    const differs = await api.verify({ pem }, { ...at275, policy })
    expect([differs.verdict, codes(differs.failures)]).toEqual(['INVALID', ['FINDINGS']])
  })

  it.each(['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'refuses what is no certificate: %s',
    async (pem) => {
      expect(await api.errorOf({ pem })).toBe('BAD_USER_INPUT')
    },
  )
})
