/** RSASSA-PSS in every form of its parameters; openssl makes the signatures and judges the paths. */

import { afterAll, describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../src/pki/certificate'
import { DerReader, elementBytes, TAG } from '../../../src/pki/der'
import { encodeSequence } from '../../../src/pki/der-writer'
import { validatePath } from '../../../src/pki/path-validation'
import { verifySignature } from '../../../src/pki/signature'
import type { StrictnessName } from '../../../src/pki/strictness'
import { verifyMessageSignature } from '../../../src/verify/message-signature'
import { openSsl } from '../../support/openssl'

const openssl = openSsl()
afterAll(() => openssl.remove())

const PSS = '-sigopt rsa_padding_mode:pss'
const AT = new Date('2030-01-01T00:00:00Z')

openssl.write('message', 'a challenge')
openssl.run('genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem')
for (const [name, options] of Object.entries({
  free: '',
  fixed:
    '-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha1 -pkeyopt rsa_pss_keygen_saltlen:24',
  usual:
    '-pkeyopt rsa_pss_keygen_md:sha512 -pkeyopt rsa_pss_keygen_mgf1_md:sha512 -pkeyopt rsa_pss_keygen_saltlen:64',
})) {
  const words = `genpkey -quiet -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 ${options} -out ${name}.pem`
  openssl.run(words.replace(/ +/g, ' '))
}
for (const name of ['rsa', 'free', 'fixed', 'usual']) {
  openssl.run(`pkey -in ${name}.pem -pubout -outform DER -out ${name}.spki`)
}

function signed(key: string, hash: string, options: string): Uint8Array {
  openssl.run(`dgst -${hash} -sign ${key}.pem ${options} -out signature message`)
  return openssl.read('signature')
}

function digestOf(hash: string): Uint8Array {
  openssl.run(`dgst -${hash} -binary -out digest message`)
  return openssl.read('digest')
}

/** The key of `key` under the AlgorithmIdentifier of `algorithm`. */
function withAlgorithmOf(algorithm: string, key: string): Uint8Array {
  const fieldsOf = (name: string) =>
    new DerReader(openssl.read(name)).enter(TAG.sequence, 'SubjectPublicKeyInfo')
  const identifier = fieldsOf(algorithm).read(TAG.sequence, 'AlgorithmIdentifier')
  const fields = fieldsOf(key)
  fields.read(TAG.sequence, 'AlgorithmIdentifier')
  const bits = fields.read(TAG.bitString, 'subjectPublicKey')
  return encodeSequence(elementBytes(identifier), elementBytes(bits))
}

describe('messages', () => {
  const ask = (key: string, hash: string, signature: Uint8Array, algorithm: string | null) => {
    const input = { spki: openssl.read(`${key}.spki`), signature, algorithm }
    const data = openssl.read('message')
    const outcomes = [
      verifyMessageSignature({ ...input, data, isDigest: false }).outcome,
      verifyMessageSignature({ ...input, data: digestOf(hash), isDigest: true }).outcome,
    ].map((outcome) => (outcome.ok ? 'GOOD' : outcome.code))
    const other = verifyMessageSignature({
      ...input,
      data: Buffer.from('another'),
      isDigest: false,
    })
    expect(other.outcome.ok).toBe(false)
    expect(outcomes[1]).toBe(outcomes[0])
    return outcomes[0]
  }

  it.each([
    ['sha256', 'sha256', 32],
    ['sha256', 'sha1', 20],
    ['sha256', 'sha512', 0],
    ['sha384', 'sha1', 222],
    ['sha512', 'sha256', 33],
  ])(
    'X.509 leaves mask and salt to the signer: %s with MGF1 over %s and a salt of %i',
    (hash, mask, salt) => {
      const options = `${PSS} -sigopt rsa_mgf1_md:${mask} -sigopt rsa_pss_saltlen:${salt}`
      const maxSalt = 256 - 2 - { sha256: 32, sha384: 48, sha512: 64 }[hash as 'sha256']
      const signature = signed('rsa', hash, options.replace(':222', `:${Math.min(222, maxSalt)}`))
      expect(ask('rsa', hash, signature, `rsassaPss-${hash}`)).toBe('GOOD')
      const isJose = hash === mask && salt === 32
      const jose = `PS${hash.slice(3)}`
      expect(ask('rsa', hash, signature, jose)).toBe(isJose ? 'GOOD' : 'SIG_BAD')
    },
  )

  it('a key that fixes its parameters decides the algorithm that is not named, and no other one is taken', () => {
    const own = signed('fixed', 'sha256', '-sigopt rsa_pss_saltlen:24')
    expect(ask('fixed', 'sha256', own, null)).toBe('GOOD')
    expect(ask('fixed', 'sha256', own, 'rsassaPss-sha256')).toBe('GOOD')
    expect(ask('fixed', 'sha256', own, 'PS256')).toBe('SIG_BAD_KEY')
    expect(ask('fixed', 'sha512', own, 'rsassaPss-sha512')).toBe('SIG_BAD_KEY')
    const usual = signed('usual', 'sha512', '-sigopt rsa_pss_saltlen:64')
    expect(ask('usual', 'sha512', usual, null)).toBe('GOOD')
    expect(ask('usual', 'sha512', usual, 'PS512')).toBe('GOOD')
    expect(ask('usual', 'sha256', usual, 'PS256')).toBe('SIG_BAD_KEY')
  })

  it('a salt shorter than the key’s least is not good (RFC 4055 §3.3)', () => {
    // The very same key, once free and once fixed.
    const spki = withAlgorithmOf('fixed.spki', 'rsa.spki')
    const ask = (saltLength: number) => {
      const options = `${PSS} -sigopt rsa_mgf1_md:sha1 -sigopt rsa_pss_saltlen:${saltLength}`
      const signature = signed('rsa', 'sha256', options)
      const input = { data: openssl.read('message'), signature, isDigest: false }
      const fixed = verifyMessageSignature({ ...input, spki, algorithm: null })
      const plain = { spki: openssl.read('rsa.spki'), algorithm: 'rsassaPss-sha256' }
      return [fixed.outcome.ok, verifyMessageSignature({ ...input, ...plain }).outcome.ok]
    }
    expect([ask(23), ask(24), ask(25)]).toEqual([
      [false, true],
      [true, true],
      [true, true],
    ])
  })

  it('a key whose parameters nobody knows cannot be used, and is not taken for a free one', () => {
    const spki = withAlgorithmOf('fixed.spki', 'rsa.spki')
    // The OID of its SHA-256 becomes that of nothing.
    const at = Buffer.from(spki).indexOf(Buffer.from('608648016503040201', 'hex'))
    spki[at + 8] = 99
    const signature = signed('rsa', 'sha256', PSS)
    for (const algorithm of [null, 'PS256', 'rsassaPss-sha256']) {
      const input = { spki, data: openssl.read('message'), signature, algorithm, isDigest: false }
      expect(verifyMessageSignature(input).outcome).toMatchObject({ code: 'SIG_BAD_KEY' })
    }
  })

  it('a signature of another length, or above the modulus, is bad and not unreadable', () => {
    for (const signature of [
      new Uint8Array(255),
      new Uint8Array(257),
      new Uint8Array(256).fill(255),
    ]) {
      for (const algorithm of ['PS256', 'rsassaPss-sha256', 'RS256']) {
        expect(ask('rsa', 'sha256', signature, algorithm)).toBe('SIG_BAD')
      }
    }
  })
})

/** A self-signed certificate, or one by `issuer`. */
function certificate(name: string, key: string, options: string, issuer?: string): Uint8Array {
  openssl.run(`req -new -key ${key}.pem -subj /CN=${name} -out ${name}.csr`)
  openssl.write(`${name}.ext`, 'basicConstraints=critical,CA:TRUE\n')
  const by = issuer === undefined ? `-signkey ${key}.pem` : issuer
  openssl.run(
    `x509 -req -in ${name}.csr ${by} -days 9999 -set_serial 7 -extfile ${name}.ext ${options} -out ${name}.pem`,
  )
  openssl.run(`x509 -in ${name}.pem -outform DER -out ${name}.der`)
  return openssl.read(`${name}.der`)
}

describe('certificates', () => {
  const root = certificate('root', 'rsa', '-sha256')
  const fixedRoot = certificate('fixedroot', 'fixed', '-sigopt rsa_pss_saltlen:24')
  const codes = (leaf: Uint8Array, anchor: Uint8Array, strictness?: StrictnessName) =>
    validatePath({
      leaf,
      intermediates: [],
      trustAnchors: [anchor],
      at: AT,
      ...(strictness === undefined ? {} : { strictness }),
    }).failures.map(({ code }) => code)
  const isGoodFor = (anchor: string, leaf: string) => {
    try {
      openssl.run(
        `verify -partial_chain -trusted ${anchor}.pem -attime ${AT.getTime() / 1000} ${leaf}.pem`,
      )
      return true
    } catch {
      return false
    }
  }
  const by = (name: string) =>
    name === 'root' ? '-CA root.pem -CAkey rsa.pem' : '-CA fixedroot.pem -CAkey fixed.pem'

  it.each([
    ['sha256', 'sha1', 32],
    ['sha256', 'sha512', 20],
    ['sha512', 'sha256', 0],
    ['sha384', 'sha384', 206],
  ])('%s with MGF1 over %s and a salt of %i is a path, as openssl says', (hash, mask, salt) => {
    const options = `-${hash} ${PSS} -sigopt rsa_mgf1_md:${mask} -sigopt rsa_pss_saltlen:${salt}`
    const leaf = certificate('leaf', 'rsa', options, by('root'))
    expect([isGoodFor('root', 'leaf'), codes(leaf, root)]).toEqual([true, []])
    const parsed = parseCertificate(leaf)
    const flipped = Uint8Array.from(parsed.signature)
    flipped[9] = (flipped[9] ?? 0) ^ 1
    const outcome = verifySignature({
      spki: parseCertificate(root).spki,
      signatureAlgorithm: parsed.innerAlgorithm,
      data: parsed.tbs,
      signature: flipped,
    })
    expect(outcome).toMatchObject({ ok: false, code: 'SIG_BAD' })
  })

  it('servers of the web have one hash for both (BR 7.1.3.2.1), as has BoringSSL', () => {
    const leaf = certificate('mixed', 'rsa', `-sha256 ${PSS} -sigopt rsa_mgf1_md:sha1`, by('root'))
    expect(codes(leaf, root)).toEqual([])
    expect(codes(leaf, root, 'webpki')).toContain('SIG_UNSUPPORTED_ALGORITHM')
    expect(codes(leaf, root, 'boringssl')).toEqual(['SIG_UNSUPPORTED_ALGORITHM'])
  })

  it('SHA-1 over the message stays too weak, whatever makes the mask', () => {
    const leaf = certificate('weak', 'rsa', `-sha1 ${PSS} -sigopt rsa_mgf1_md:sha256`, by('root'))
    expect(codes(leaf, root)).toEqual(['SIG_ALGORITHM_WEAK'])
  })

  it('an issuer’s key that fixes its parameters takes these, and no others (RFC 4055 §3.3)', () => {
    const leaf = certificate('keeps', 'rsa', '-sha256 -sigopt rsa_pss_saltlen:24', by('fixedroot'))
    expect([isGoodFor('fixedroot', 'keeps'), codes(leaf, fixedRoot)]).toEqual([true, []])
    const parsed = parseCertificate(leaf)
    // The same signature under the same key, said to be made otherwise.
    const others = ['PS-like', 'short salt', 'other hash'] as const
    const claim = {
      'PS-like': ['sha256', 'sha256', 24],
      'short salt': ['sha256', 'sha1', 23],
      'other hash': ['sha512', 'sha1', 24],
    } as const
    for (const other of others) {
      const [hash, mask, salt] = claim[other]
      const options = `-${hash} ${PSS} -sigopt rsa_mgf1_md:${mask} -sigopt rsa_pss_saltlen:${salt}`
      const template = parseCertificate(certificate('claims', 'rsa', options, by('root')))
      const outcome = verifySignature({
        spki: parseCertificate(fixedRoot).spki,
        signatureAlgorithm: template.innerAlgorithm,
        data: parsed.tbs,
        signature: parsed.signature,
      })
      expect([other, outcome]).toMatchObject([other, { ok: false, code: 'SIG_BAD_KEY' }])
    }
  })
})
