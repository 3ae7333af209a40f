import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  encodeExplicit,
  encodeInteger,
  encodeNull,
  encodeOid,
  encodeSequence,
} from '../../src/pki/der-writer'
import { verifySignature } from '../../src/pki/signature'

type Vector = { tcId: number; msg: string; sig: string; result: 'valid' | 'invalid' | 'acceptable' }
type Group = {
  type: string
  sha?: string
  mgfSha?: string
  sLen?: number
  keyDer?: string
  publicKeyDer?: string
  tests: Vector[]
}

const file = join(__dirname, '../fixtures/suites/wycheproof-dev.json.gz')
const suites: Record<string, { testGroups: Group[] }> = JSON.parse(
  gunzipSync(readFileSync(file)).toString('utf8'),
)

const HASH_OID: Readonly<Record<string, string>> = {
  'SHA-1': '1.3.14.3.2.26',
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
}
const RSA_OID: Readonly<Record<string, string>> = {
  'SHA-256': '1.2.840.113549.1.1.11',
  'SHA-384': '1.2.840.113549.1.1.12',
  'SHA-512': '1.2.840.113549.1.1.13',
}
const ECDSA_OID: Readonly<Record<string, string>> = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
}

function algorithmOf(group: Group): Uint8Array {
  const sha = group.sha ?? ''
  if (group.type === 'EddsaVerify') return encodeSequence(encodeOid('1.3.101.112'))
  if (group.type === 'EcdsaVerify') return encodeSequence(encodeOid(ECDSA_OID[sha] ?? ''))
  if (group.type === 'RsassaPkcs1Verify') {
    return encodeSequence(encodeOid(RSA_OID[sha] ?? ''), encodeNull())
  }
  const hash = encodeSequence(encodeOid(HASH_OID[sha] ?? ''), encodeNull())
  const maskHash = encodeSequence(encodeOid(HASH_OID[group.mgfSha ?? ''] ?? ''), encodeNull())
  return encodeSequence(
    encodeOid('1.2.840.113549.1.1.10'),
    encodeSequence(
      encodeExplicit(0, hash),
      encodeExplicit(1, encodeSequence(encodeOid('1.2.840.113549.1.1.8'), maskHash)),
      encodeExplicit(2, encodeInteger(BigInt(group.sLen ?? 0))),
    ),
  )
}

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

describe.each(Object.entries(suites))('Wycheproof %s', (_, { testGroups }) => {
  it('verifies what is valid and nothing that is invalid', () => {
    const wrong: string[] = []
    let count = 0
    for (const group of testGroups) {
      const spki = hex(group.publicKeyDer ?? group.keyDer ?? '')
      const signatureAlgorithm = algorithmOf(group)
      for (const { tcId, msg, sig, result } of group.tests) {
        count++
        const outcome = verifySignature({
          spki,
          signatureAlgorithm,
          data: hex(msg),
          signature: hex(sig),
        })
        // "acceptable" leaves the verdict to the implementation.
        if (result !== 'acceptable' && outcome.ok !== (result === 'valid'))
          wrong.push(`${tcId} ${result}`)
      }
    }
    expect(count).toBeGreaterThan(0)
    expect(wrong).toEqual([])
  })
})
