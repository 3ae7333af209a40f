import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeBlock } from '../../../src/chain/decode-block'
import { encodeElement, encodeSequence } from '../../../src/pki/der-writer'
import type { SignatureInput } from '../../../src/pki/signature'
import { verifySignature, verifySignatureInBackground } from '../../../src/pki/signature'
import { decodePalletCertificate } from '../../../src/registry/pallet-certificate'
import { SignatureChecks } from '../../../src/registry/signature-checks'
import { WorkingState } from '../../../src/registry/working-state'
import { loadRecordedChain } from '../../support/recorded-chain'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
const signatureAlgorithm = encodeSequence(encodeElement(6, Uint8Array.of(0x2b, 0x65, 0x70)))
const data = Uint8Array.of(1, 2, 3)
const good = {
  spki,
  signatureAlgorithm,
  data,
  signature: new Uint8Array(sign(null, data, privateKey)),
}

describe('verifySignatureInBackground', () => {
  it.each([
    ['a good signature', good],
    ['another message', { ...good, data: Uint8Array.of(9) }],
    ['a cut signature', { ...good, signature: good.signature.subarray(1) }],
    ['no key', { ...good, spki: Uint8Array.of(0x30, 0) }],
    ['no algorithm', { ...good, signatureAlgorithm: Uint8Array.of(0x30, 0) }],
  ])('answers as verifySignature does: %s', async (_, input) => {
    expect(await verifySignatureInBackground(input)).toEqual(verifySignature(input))
  })
})

describe('SignatureChecks', () => {
  it('checks at once what nobody asked about before', () => {
    const { check } = new SignatureChecks()
    expect(check(good)).toEqual({ ok: true })
    expect(check({ ...good, data: Uint8Array.of(9) })).toMatchObject({ ok: false, code: 'SIG_BAD' })
  })

  it('never gives the answer of one key, message or algorithm for another', async () => {
    const { blocks } = loadRecordedChain()
    const records = blocks.map(({ raw, runtime }) => decodeBlock(raw, runtime))
    const checks = new SignatureChecks()
    const state = new WorkingState()
    let seen = 0
    for (const record of records) {
      for (const node of record.nodes) {
        if (node.type !== 'CALL' || node.call.outcome.status !== 'APPLIED') continue
        const { call } = node.call
        if (call.kind !== 'REGISTER' || call.issuerId !== null) continue
        await checks.begin([record], state)
        const decoded = decodePalletCertificate(call.certificate)
        if (!decoded.ok) throw new Error(decoded.reason)
        const { signature, signatureAlgorithm, certificate } = call
        const own = decoded.certificate.subjectPublicKeyInfo
        const input: SignatureInput = {
          spki: own,
          signatureAlgorithm,
          signature,
          data: certificate,
        }
        expect(checks.check(input)).toEqual({ ok: true })
        expect(checks.check({ ...input, spki }).ok).toBe(false)
        expect(checks.check({ ...input, data: Uint8Array.of(1) }).ok).toBe(false)
        expect(checks.check({ ...input, signatureAlgorithm: Uint8Array.of(0x30, 0) }).ok).toBe(
          false,
        )
        seen += 1
      }
    }
    expect(seen).toBeGreaterThan(0)
  })
})
