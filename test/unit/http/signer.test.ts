import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSigner, loadSigner } from '../../../src/http/signer'
import { lintOcspResponse } from '../../../src/pki/lint'
import { encodeOcspResponse, type SingleResponse } from '../../../src/pki/ocsp-encode'
import { encodeCertId } from '../../../src/pki/ocsp-request'
import { encodePem } from '../../../src/pki/pem'

const NOW = Date.parse('2026-06-01T00:00:00Z')
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'signer-test-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const load = () => loadSigner({ dataDir, keyFile: null, certFile: null, nowMs: NOW })

describe('loadSigner', () => {
  test('makes one key, however many processes start together, and keeps it', async () => {
    const signers = await Promise.all([load(), load(), load()])
    const again = await load()
    for (const signer of signers) expect(signer.certificate).toEqual(again.certificate)
    expect((await stat(path.join(dataDir, 'responder.key.pem'))).mode & 0o777).toBe(0o600)
  })

  test.each(['/proc/no-such/deep', '/proc', path.join(__filename, 'data')])(
    'refuses in one line a data directory where nothing can be written: %s',
    async (dir) => {
      const options = { dataDir: dir, keyFile: null, certFile: null, nowMs: NOW }
      await expect(loadSigner(options)).rejects.toThrow(
        /^DATA_DIR is ".*": expected a directory .*$/,
      )
    },
  )

  test('its certificate is an end entity for OCSP signing and CRLs, valid for five years', async () => {
    const certificate = new X509Certificate((await load()).certificate)
    expect(certificate.ca).toBe(false)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.9'])
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(Date.parse(certificate.validTo) - NOW).toBe(5 * 365 * 86_400_000)
  })

  test('refuses a key that cannot be read, of another kind, or of another certificate', async () => {
    const { certificate } = await load()
    const pem = encodePem('CERTIFICATE', certificate)
    const keyPem = (type: 'ed25519' | 'ec') =>
      (type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519')
      ).privateKey
        .export({ type: 'pkcs8', format: 'pem' })
        .toString()
    expect(() => createSigner('nonsense', pem, NOW)).toThrow(/RESPONDER_KEY is no private key/)
    expect(() => createSigner(keyPem('ec'), pem, NOW)).toThrow(/not a certificate of RESPONDER_KEY/)
    expect(() => createSigner(keyPem('ec'), 'nonsense', NOW)).toThrow(
      /RESPONDER_CERT is no certificate/,
    )
    const missing = { dataDir, keyFile: '/nowhere/key', certFile: '/nowhere/cert', nowMs: NOW }
    await expect(loadSigner(missing)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})

describe('lintOcspResponse', () => {
  const single = (certId: Uint8Array): SingleResponse => ({
    certId,
    certStatus: { status: 'GOOD' },
    thisUpdateMs: NOW - 1_000,
    nextUpdateMs: NOW + 60_000,
  })

  test('passes what it says it is, and refuses another status, certificate, nonce or a stale answer', async () => {
    const signer = await load()
    const certId = encodeCertId('sha1', signer.subject, signer.spki, Uint8Array.of(7))
    const other = encodeCertId('sha1', signer.subject, signer.spki, Uint8Array.of(8))
    const wanted = single(certId)
    const der = encodeOcspResponse([wanted], NOW, null, signer)
    expect(() => lintOcspResponse(der, [wanted], null)).not.toThrow()
    expect(() =>
      lintOcspResponse(der, [{ ...wanted, certStatus: { status: 'UNKNOWN' } }], null),
    ).toThrow(/certStatus/)
    expect(() => lintOcspResponse(der, [single(other)], null)).toThrow(/serialNumber/)
    expect(() => lintOcspResponse(der, [wanted], new Uint8Array(32))).toThrow(/nonce/)
    const stale = encodeOcspResponse([{ ...wanted, nextUpdateMs: NOW }], NOW, null, signer)
    expect(() => lintOcspResponse(stale, [{ ...wanted, nextUpdateMs: NOW }], null)).toThrow(
      /nextUpdate/,
    )
  })
})
