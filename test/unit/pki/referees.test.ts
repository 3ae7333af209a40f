import 'reflect-metadata'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, describe, expect, it } from 'vitest'
import { readLines } from '../../../src/cli/conformance'
import { toPathInput } from '../../../src/cli/conformance-cases'
import { type ParsedCertificate, parseCertificate } from '../../../src/pki/certificate'
import { validatePath } from '../../../src/pki/path-validation'
import { encodePem } from '../../../src/pki/pem'

const SUITES = join(__dirname, '../../fixtures/suites')

const inputs = ['pkits-dev', 'limbo-dev', 'bssl-chain-dev']
  .flatMap((name) => readLines(join(SUITES, `${name}.jsonl.gz`)).map((line) => JSON.parse(line)))
  .map((testCase) => ({
    id: testCase.id as string,
    group: testCase.group as string,
    input: toPathInput(testCase),
  }))

function parsed(der: Uint8Array): ParsedCertificate | undefined {
  try {
    return parseCertificate(der)
  } catch {
    return undefined
  }
}

/** Every certificate of the suites that the strict reader takes, once. */
const certificates = [
  ...new Map(
    inputs
      .flatMap(({ input }) => [input.leaf, ...input.intermediates, ...input.trustAnchors])
      .map((der) => [Buffer.from(der as Uint8Array).toString('hex'), der as Uint8Array]),
  ).values(),
]

describe('@peculiar/x509 as referee of the reader', () => {
  it('reads the same serial, names, dates, key and extensions', () => {
    let compared = 0
    for (const der of certificates) {
      const ours = parsed(der)
      if (ours === undefined) continue
      let theirs: x509.X509Certificate
      try {
        theirs = new x509.X509Certificate(new Uint8Array(der))
        // Decoded on first use, and cached.
        void theirs.extensions
      } catch {
        // Refused there for contents our reader leaves to the validator.
        continue
      }
      compared++
      // It drops the octet that keeps a high serial positive.
      const serial = Buffer.from(ours.serialBytes).toString('hex')
      expect([serial, serial.replace(/^00(?=.)/, '')]).toContain(theirs.serialNumber)
      // It reads the years 0000-0099 as 19xx.
      if (ours.notBefore.ms >= Date.UTC(100, 0, 1)) {
        expect(ours.notBefore.ms).toBe(theirs.notBefore.getTime())
      }
      expect(ours.notAfter.ms).toBe(theirs.notAfter.getTime())
      expect(
        Buffer.from(ours.subject).equals(Buffer.from(theirs.subjectName.toArrayBuffer())),
      ).toBe(true)
      expect(Buffer.from(ours.issuer).equals(Buffer.from(theirs.issuerName.toArrayBuffer()))).toBe(
        true,
      )
      expect(Buffer.from(ours.spki).equals(Buffer.from(theirs.publicKey.rawData))).toBe(true)
      expect(Buffer.from(ours.signature).equals(Buffer.from(theirs.signature))).toBe(true)
      expect(ours.extensions.map(({ oid, critical }) => [oid, critical])).toEqual(
        theirs.extensions.map(({ type, critical }) => [type, critical]),
      )
    }
    expect(compared).toBeGreaterThan(500)
  })
})

/** OpenSSL does not inherit DSA parameters (§6.1.4 f), nor know Microsoft's application policies. */
const OPENSSL_LACKS = ['pkits::4.1.5', 'bssl-chain::target-msapplicationpolicies-and-eku::main']

describe('openssl as referee of the verdict', () => {
  const directory = mkdtempSync(join(tmpdir(), 'referee-'))
  afterAll(() => rmSync(directory, { recursive: true }))

  function opensslAccepts(path: readonly Uint8Array[], at: Date): boolean {
    const file = (name: string, ders: readonly Uint8Array[]) => {
      const target = join(directory, name)
      writeFileSync(target, ders.map((der) => encodePem('CERTIFICATE', der)).join(''))
      return target
    }
    const leaf = file('leaf.pem', path.slice(0, 1))
    const chain = file('chain.pem', path.slice(1, -1))
    const anchor = file('anchor.pem', path.slice(-1))
    const epoch = `${Math.floor(at.getTime() / 1000)}`
    const untrusted = path.length > 2 ? ['-untrusted', chain] : []
    try {
      execFileSync(
        'openssl',
        ['verify', '-partial_chain', '-attime', epoch, '-CAfile', anchor, ...untrusted, leaf],
        { stdio: 'pipe' },
      )
      return true
    } catch {
      return false
    }
  }

  // The per-anchor switches of BoringSSL's cases and names that differ in form are beyond this command.
  const valid = inputs.filter(
    ({ input, group }) =>
      group !== 'anchor-mode' &&
      group !== 'name-chaining' &&
      validatePath({ ...input, crls: [], revocation: 'none' }).valid,
  )

  it('has a sample worth the name', () => {
    expect(valid.length).toBeGreaterThan(80)
  })

  it('accepts every path we call valid', () => {
    const refused = valid
      .filter(({ input }) => {
        const { path } = validatePath({ ...input, crls: [], revocation: 'none' })
        return !opensslAccepts(path, input.at)
      })
      .map(({ id }) => id)
    expect(refused).toEqual(OPENSSL_LACKS)
  })
})
