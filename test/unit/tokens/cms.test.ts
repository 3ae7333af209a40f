import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../src/pki/certificate'
import { encodeNull, encodeOid, encodeSequence, encodeTime } from '../../../src/pki/der-writer'
import { parseProof } from '../../../src/tokens/proof-format'
import { makeCertificate, nameOf } from '../../support/certificates'
import {
  attribute,
  contentType,
  issuedAs,
  messageDigest,
  type SignerOptions,
  sha256,
  signedData,
  signerInfo,
} from '../../support/cms'

const content = Buffer.from('a post')
const other = Buffer.from('another post')
const signer = makeCertificate({ subject: 'Signer', serial: 5n })
const ID = `0x${'5'.repeat(64)}`
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const TOKEN = '1.2.840.113549.1.9.16.2.14'
const time = (iso: string) => encodeTime(Date.parse(iso))

const made = (options: Partial<SignerOptions> = {}) =>
  signerInfo({
    signer,
    signerId: issuedAs(nameOf(signer.subject), 5n),
    signed: [contentType(), messageDigest(content)],
    ...options,
  })

const parse = (der: Uint8Array) => parseProof(Buffer.from(der).toString('base64'), async () => [ID])
const proofBy = (...signers: Uint8Array[]) => parse(signedData({ certificates: [signer], signers }))
const proofWith = (options: Partial<SignerOptions>) => proofBy(made(options))

async function goodProof(found: ReturnType<typeof parse>) {
  const proof = await found
  if ('problem' in proof) throw new Error(proof.problem)
  expect(await proof.verify(parseCertificate(signer.der).spki)).toEqual({ ok: true })
  expect(proof.contentDigest.hex).toBe(Buffer.from(sha256(content)).toString('hex'))
  return proof
}

describe('a proof is CMS with one signer over plain data', () => {
  it('is taken so', async () => {
    expect((await goodProof(proofWith({}))).signer).toBe(ID)
  })

  it.each([
    ['two signers', () => proofBy(made(), made({ signed: [contentType(), messageDigest(other)] }))],
    ['the same signer twice', () => proofBy(made(), made())],
    ['no signer', () => proofBy()],
    [
      'content inside',
      () => parse(signedData({ certificates: [signer], signers: [made()], content })),
    ],
    [
      'content of another type than data',
      () => {
        const type = '1.2.840.113549.1.9.16.1.4'
        const signers = [made({ signed: [contentType(type), messageDigest(content)] })]
        return parse(signedData({ certificates: [signer], signers, contentType: type }))
      },
    ],
  ])('is refused with %s', async (_, proof) => {
    expect(await proof()).toHaveProperty('problem')
  })

  it.each(['data', 'content', 'whole'])('is refused with bytes after the %s', async (where) => {
    const after = { [where]: encodeNull() }
    const proof = await parse(signedData({ certificates: [signer], signers: [made()], after }))
    expect(proof).toHaveProperty('problem')
  })
})

describe('signed attributes that are judged are there once, with one value (RFC 5652 §5.3, §11)', () => {
  it.each([
    ['two digests', [contentType(), messageDigest(content, other)]],
    ['the same digest twice', [contentType(), messageDigest(content, content)]],
    ['two digest attributes', [contentType(), messageDigest(content), messageDigest(other)]],
    ['no digest', [contentType()]],
    ['a digest attribute without a value', [contentType(), messageDigest()]],
    ['no content type', [messageDigest(content)]],
    [
      'two content types',
      [
        attribute(
          '1.2.840.113549.1.9.3',
          encodeOid('1.2.840.113549.1.7.1'),
          encodeOid('1.2.840.113549.1.7.2'),
        ),
        messageDigest(content),
      ],
    ],
    ['another content type', [contentType('1.2.840.113549.1.7.2'), messageDigest(content)]],
    [
      'two signing times',
      [
        contentType(),
        messageDigest(content),
        attribute(SIGNING_TIME, time('2026-01-01T00:00:00Z'), time('2026-02-01T00:00:00Z')),
      ],
    ],
  ])('refuses %s', async (_, signed) => {
    expect(await proofWith({ signed })).toHaveProperty('problem')
  })

  it('takes one signing time, and several values of an attribute that nobody judges', async () => {
    const free = attribute('1.2.3.4', encodeNull(), encodeSequence())
    const once = attribute(SIGNING_TIME, time('2026-01-01T00:00:00Z'))
    const signed = [contentType(), messageDigest(content), once, free]
    const { claimedAtMs } = await goodProof(proofWith({ signed }))
    expect(claimedAtMs).toBe(Date.parse('2026-01-01T00:00:00Z'))
  })
})

describe('time-stamps in unsigned attributes', () => {
  const token = (text: string) => encodeSequence(encodeOid(`1.2.${text}`))
  const stampsOf = async (...unsigned: Uint8Array[]) => {
    const { timestamps } = await goodProof(proofWith({ unsigned }))
    return timestamps.map((one) => Buffer.from(one.token).toString('hex')).sort()
  }
  const hex = (...tokens: Uint8Array[]) =>
    tokens.map((one) => Buffer.from(one).toString('hex')).sort()

  it('are all judged: several values, and several attributes', async () => {
    expect(await stampsOf()).toEqual([])
    expect(await stampsOf(attribute(TOKEN, token('1'), token('2')))).toEqual(
      hex(token('1'), token('2')),
    )
    expect(await stampsOf(attribute(TOKEN, token('1')), attribute(TOKEN, token('3')))).toEqual(
      hex(token('1'), token('3')),
    )
  })

  it('are at most 16', async () => {
    const many = (count: number) =>
      attribute(TOKEN, ...Array.from({ length: count }, (_, index) => token(String(index))))
    expect(await stampsOf(many(16))).toHaveLength(16)
    expect(await proofWith({ unsigned: [many(17)] })).toHaveProperty('problem')
  })
})

describe('the signature is by the digest the content has (RFC 8933 §3)', () => {
  it.each([
    ['ecdsa-with-SHA1', encodeSequence(encodeOid('1.2.840.10045.4.1'))],
    ['sha1WithRSAEncryption', encodeSequence(encodeOid('1.2.840.113549.1.1.5'), encodeNull())],
    ['ecdsa-with-SHA512', encodeSequence(encodeOid('1.2.840.10045.4.3.4'))],
  ])('refuses %s beside SHA-256', async (_, signatureAlgorithm) => {
    expect(await proofWith({ signatureAlgorithm })).toMatchObject({
      problem: expect.stringContaining('digest'),
    })
  })
})
