import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../../src/pki/der-writer'
import { checkOcspResponse } from '../../../src/pki/ocsp-check'
import { subjectPublicKeyBits } from '../../../src/pki/ocsp-request'
import { readPathCertificate } from '../../../src/pki/path-certificate'
import { validatePath } from '../../../src/pki/path-validation'
import { STRICTNESS } from '../../../src/pki/strictness'
import * as make from '../../support/certificates'
import {
  AT,
  type Made,
  makeCertificate,
  makeIssuer,
  makeRoot,
  type SigningAlgorithm,
} from '../../support/certificates'

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const SHA256 = encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'))
const ED25519 = { identifier: encodeSequence(encodeOid('1.3.101.112')), hash: null }
const rsaWith = (oid: string, hash: string): SigningAlgorithm => ({
  identifier: encodeSequence(encodeOid(oid), encodeNull()),
  hash,
})
const GOOD = Uint8Array.of(0x80, 0)
const UNKNOWN = Uint8Array.of(0x82, 0)
const REVOKED = encodeElement(0xa1, encodeGeneralizedTime(Date.UTC(2026, 4, 1)))

const root = makeRoot()
const issuer = makeIssuer('Issuer', root)
const target = makeCertificate({ subject: 'Target', issuer, serial: 3n })
const responder = makeCertificate({
  subject: 'Responder',
  issuer,
  extensions: [make.extKeyUsage(OCSP_SIGNING), make.keyUsage(0)],
})

type Options = {
  statuses?: Uint8Array[]
  /** Answers a month older, before the others. */
  stale?: Uint8Array[]
  /** Whose name is hashed. */
  issuerName?: string
  producedAt?: number
  singleExtension?: Uint8Array
  /** Whose key the CertID names. */
  issuedBy?: Made
  signer?: Made
  algorithm?: SigningAlgorithm
  serial?: bigint
  thisUpdate?: number
  nextUpdate?: number | null
  certificates?: Made[]
  extension?: Uint8Array
}

function makeResponse(options: Options = {}): Uint8Array {
  const digest = (bytes: Uint8Array) =>
    encodeOctetString(createHash('sha256').update(bytes).digest())
  const certId = encodeSequence(
    SHA256,
    digest(make.nameOf(options.issuerName ?? 'Issuer')),
    digest(subjectPublicKeyBits(make.spkiOf((options.issuedBy ?? issuer).key))),
    encodeInteger(options.serial ?? 3n),
  )
  const { nextUpdate = Date.UTC(2026, 5, 7) } = options
  const stale = (options.stale ?? []).map((status) =>
    encodeSequence(
      certId,
      status,
      encodeGeneralizedTime(Date.UTC(2026, 3, 30)),
      encodeExplicit(0, encodeGeneralizedTime(Date.UTC(2026, 4, 7))),
    ),
  )
  const singles = (options.statuses ?? [GOOD]).map((status) =>
    encodeSequence(
      certId,
      status,
      encodeGeneralizedTime(options.thisUpdate ?? Date.UTC(2026, 4, 31)),
      ...(nextUpdate === null ? [] : [encodeExplicit(0, encodeGeneralizedTime(nextUpdate))]),
      ...(options.singleExtension === undefined
        ? []
        : [encodeExplicit(1, encodeSequence(options.singleExtension))]),
    ),
  )
  const signer = options.signer ?? issuer
  const data = encodeSequence(
    encodeExplicit(1, make.nameOf(signer.subject)),
    encodeGeneralizedTime(options.producedAt ?? Date.UTC(2026, 5, 1)),
    encodeSequence(...stale, ...singles),
    ...(options.extension === undefined
      ? []
      : [encodeExplicit(1, encodeSequence(options.extension))]),
  )
  const certificates = options.certificates ?? []
  const { identifier, hash } = options.algorithm ?? ED25519
  const basic = encodeSequence(
    data,
    identifier,
    encodeBitString(new Uint8Array(sign(hash, data, signer.key))),
    ...(certificates.length === 0
      ? []
      : [encodeExplicit(0, encodeSequence(...certificates.map(({ der }) => der)))]),
  )
  const bytes = encodeSequence(encodeOid('1.3.6.1.5.5.7.48.1.1'), encodeOctetString(basic))
  return encodeSequence(Uint8Array.of(0x0a, 1, 0), encodeExplicit(0, bytes))
}

const CHECK = {
  response: makeResponse(),
  certificate: readPathCertificate(target.der),
  issuer: readPathCertificate(issuer.der),
  atMs: AT.getTime(),
  maxAgeSeconds: undefined,
  strictness: STRICTNESS.rfc5280,
}

function statusOf(options: Options, maxAgeSeconds?: number): string {
  return checkOcspResponse({
    response: makeResponse(options),
    certificate: readPathCertificate(target.der),
    issuer: readPathCertificate((options.issuedBy ?? issuer).der),
    atMs: AT.getTime(),
    maxAgeSeconds,
    strictness: STRICTNESS.rfc5280,
  }).status
}

describe('checkOcspResponse (RFC 6960)', () => {
  it('takes the word of the issuer', () => {
    expect(statusOf({})).toBe('good')
    expect(statusOf({ statuses: [REVOKED] })).toBe('revoked')
    expect(statusOf({ statuses: [UNKNOWN] })).toBe('unknown')
  })

  it('lets revoked outweigh unknown, and unknown outweigh good', () => {
    expect(statusOf({ statuses: [GOOD, REVOKED] })).toBe('revoked')
    expect(statusOf({ statuses: [GOOD, UNKNOWN] })).toBe('unknown')
  })

  it('takes the word of a responder the issuer certified for it, and of nobody else (§4.2.2.2)', () => {
    expect(statusOf({ signer: responder, certificates: [responder] })).toBe('good')
    expect(statusOf({ signer: responder })).toBe('unknown')
    const plain = makeCertificate({ subject: 'Responder', issuer })
    expect(statusOf({ signer: plain, certificates: [plain] })).toBe('unknown')
    const stranger = makeCertificate({
      subject: 'Responder',
      issuer: root,
      extensions: [make.extKeyUsage(OCSP_SIGNING)],
    })
    expect(statusOf({ signer: stranger, certificates: [stranger] })).toBe('unknown')
    const expired = makeCertificate({
      subject: 'Responder',
      issuer,
      extensions: [make.extKeyUsage(OCSP_SIGNING)],
      notAfter: Date.UTC(2026, 2, 1),
    })
    expect(statusOf({ signer: expired, certificates: [expired] })).toBe('unknown')
    const impostor = { ...issuer, key: make.seededKey('thief') }
    expect(statusOf({ signer: impostor })).toBe('unknown')
  })

  it('asks of a responder what it asks of a target: digest, key size, serial, extensions', () => {
    const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey
    const rsaIssuer = makeCertificate({
      subject: 'Issuer',
      issuer: root,
      key: rsa(2048),
      extensions: [make.basicConstraints(true), make.keyUsage(5, 6)],
    })
    const delegated = (options: Partial<make.MakeOptions>, algorithm?: SigningAlgorithm) => {
      const made = makeCertificate({
        subject: 'Responder',
        issuer: rsaIssuer,
        algorithm: rsaWith('1.2.840.113549.1.1.11', 'sha256'),
        extensions: [make.extKeyUsage(OCSP_SIGNING)],
        ...options,
      })
      return statusOf({
        issuedBy: rsaIssuer,
        signer: made,
        certificates: [made],
        ...(algorithm === undefined ? {} : { algorithm }),
      })
    }
    const bySha256 = rsaWith('1.2.840.113549.1.1.11', 'sha256')
    expect(delegated({})).toBe('good')
    expect(delegated({ algorithm: rsaWith('1.2.840.113549.1.1.5', 'sha1') })).toBe('unknown')
    expect(delegated({ algorithm: rsaWith('1.2.840.113549.1.1.4', 'md5') })).toBe('unknown')
    expect(delegated({ key: rsa(2048) }, bySha256)).toBe('good')
    expect(delegated({ key: rsa(1024) }, bySha256)).toBe('unknown')
    expect(delegated({ key: rsa(512) }, bySha256)).toBe('unknown')
    expect(delegated({ serial: 0n })).toBe('unknown')
    const critical = make.makeExtension('1.2.3.4', encodeInteger(1n), true)
    expect(delegated({ extensions: [make.extKeyUsage(OCSP_SIGNING), critical] })).toBe('unknown')
  })

  it('wants a responder’s keyUsage to allow signing, CA or not; the issuer’s says nothing', () => {
    const withUsage = (...extensions: Uint8Array[]) => {
      const made = makeCertificate({
        subject: 'Responder',
        issuer,
        extensions: [make.extKeyUsage(OCSP_SIGNING), ...extensions],
      })
      return statusOf({ signer: made, certificates: [made] })
    }
    expect(withUsage(make.keyUsage(1))).toBe('good')
    expect(withUsage(make.keyUsage(5, 6))).toBe('unknown')
    expect(withUsage(make.keyUsage(5, 6), make.basicConstraints(true))).toBe('unknown')
    expect(statusOf({})).toBe('good')
  })

  it('finds the responder it delegated to under its own name', () => {
    const namesake = makeCertificate({
      subject: 'Issuer',
      seed: 'namesake',
      issuer,
      extensions: [make.extKeyUsage(OCSP_SIGNING)],
    })
    expect(statusOf({ signer: namesake, certificates: [namesake] })).toBe('good')
    const plain = makeCertificate({ subject: 'Issuer', seed: 'namesake', issuer })
    expect(statusOf({ signer: plain, certificates: [plain] })).toBe('unknown')
  })

  it('is about one certificate only', () => {
    expect(statusOf({ serial: 4n })).toBe('unknown')
  })

  it.each([
    ['from the future', { thisUpdate: Date.UTC(2026, 5, 2) }, undefined, 'unknown'],
    ['past nextUpdate', { nextUpdate: Date.UTC(2026, 5, 1) }, undefined, 'unknown'],
    ['a second before nextUpdate', { nextUpdate: AT.getTime() + 1000 }, undefined, 'good'],
    ['at nextUpdate', { nextUpdate: AT.getTime() }, undefined, 'unknown'],
    ['without nextUpdate and without a maximum age', { nextUpdate: null }, undefined, 'unknown'],
    ['without nextUpdate, within the maximum age', { nextUpdate: null }, 172_800, 'good'],
    ['older than the maximum age', {}, 3600, 'unknown'],
  ])('judges an answer %s', (_, options, maxAgeSeconds, status) => {
    expect(statusOf(options, maxAgeSeconds)).toBe(status)
  })

  it('refuses critical extensions it does not know', () => {
    const value = encodeInteger(1n)
    expect(statusOf({ extension: make.makeExtension('1.2.3.4', value) })).toBe('good')
    expect(statusOf({ extension: make.makeExtension('1.2.3.4', value, true) })).toBe('unknown')
  })

  it('refuses a critical nonce, which nobody compares here; time stamps of logs bear on nothing', () => {
    const nonce = (isCritical: boolean) =>
      make.makeExtension('1.3.6.1.5.5.7.48.1.2', encodeOctetString(Uint8Array.of(1)), isCritical)
    const stamps = make.makeExtension('1.3.6.1.4.1.11129.2.4.5', encodeOctetString(GOOD), true)
    expect(statusOf({ extension: nonce(false) })).toBe('good')
    expect(statusOf({ extension: nonce(true) })).toBe('unknown')
    expect(statusOf({ singleExtension: stamps })).toBe('good')
    expect(statusOf({ extension: stamps })).toBe('unknown')
    expect(statusOf({ singleExtension: nonce(true) })).toBe('unknown')
  })

  it('leaves answers outside their interval out, good or bad (§4.2.2.1)', () => {
    expect(statusOf({ stale: [UNKNOWN] })).toBe('good')
    expect(statusOf({ stale: [GOOD], statuses: [REVOKED] })).toBe('revoked')
    expect(statusOf({ stale: [GOOD], statuses: [UNKNOWN] })).toBe('unknown')
    expect(statusOf({ stale: [GOOD], statuses: [] })).toBe('unknown')
  })

  it('hashes the issuer’s name as the certificate has it (§4.1.1)', () => {
    const shouting = { ...issuer, subject: 'ISSUER' }
    const certificate = readPathCertificate(
      makeCertificate({ subject: 'Target', issuer: shouting, serial: 3n }).der,
    )
    const status = (issuerName: string) =>
      checkOcspResponse({ ...CHECK, response: makeResponse({ issuerName }), certificate }).status
    expect(status('ISSUER')).toBe('good')
    expect(status('Issuer')).toBe('unknown')
  })

  it('wants an answer produced within the certificate’s dates only under boringssl', () => {
    const response = makeResponse({ producedAt: Date.UTC(2025, 11, 31) })
    const status = (name: 'rfc5280' | 'boringssl') =>
      checkOcspResponse({ ...CHECK, response, strictness: STRICTNESS[name] }).status
    expect(status('rfc5280')).toBe('good')
    expect(status('boringssl')).toBe('unknown')
    const inTime = checkOcspResponse({ ...CHECK, strictness: STRICTNESS.boringssl })
    expect(inTime.status).toBe('good')
  })

  it.each([
    ['reason 1', [0x0a, 1, 1], 'revoked'],
    ['reason 7, which is unused', [0x0a, 1, 7], 'unknown'],
    ['reason 1 and more behind it', [0x0a, 1, 1, 5, 0], 'unknown'],
  ])('judges a revocation with %s', (_, reason, status) => {
    const time = encodeGeneralizedTime(Date.UTC(2026, 4, 1))
    const revoked = encodeElement(0xa1, time, encodeExplicit(0, Uint8Array.from(reason)))
    expect(statusOf({ statuses: [revoked] })).toBe(status)
  })

  it('counts an error answer for nothing', () => {
    const outcome = checkOcspResponse({
      ...CHECK,
      response: encodeSequence(Uint8Array.of(0x0a, 1, 3)),
    })
    expect(outcome).toMatchObject({ status: 'unknown' })
  })
})

describe('validatePath with OCSP responses', () => {
  const run = (...ocspResponses: Uint8Array[]) =>
    validatePath({
      leaf: target.der,
      intermediates: [issuer.der],
      trustAnchors: [root.der],
      at: AT,
      revocation: 'leaf',
      ocspResponses,
    }).failures.map(({ code }) => code)

  it('accepts a good answer and refuses a revocation, whatever else is said', () => {
    expect(run(makeResponse())).toEqual([])
    expect(run()).toEqual(['PATH_REVOCATION_UNKNOWN'])
    expect(run(makeResponse(), makeResponse({ statuses: [REVOKED] }))).toEqual(['PATH_REVOKED'])
  })

  it('refuses a certificate its issuer’s CRL revokes, though OCSP says good', () => {
    const result = validatePath({
      leaf: target.der,
      intermediates: [issuer.der],
      trustAnchors: [root.der],
      at: AT,
      revocation: 'leaf',
      ocspResponses: [makeResponse()],
      crls: [make.makeCrl({ issuer, revoked: [3n] })],
    })
    expect(result.failures.map(({ code }) => code)).toEqual(['PATH_REVOKED'])
  })
})
