import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLines } from '../../../src/cli/conformance'
import { toPathInput } from '../../../src/cli/conformance-cases'
import { CertificateError, parseCertificate, parseTbs } from '../../../src/pki/certificate'
import { parseCrl } from '../../../src/pki/crl'
import { DerError } from '../../../src/pki/der'
import { renderName } from '../../../src/pki/names'
import { OcspStatusError, parseOcspResponse } from '../../../src/pki/ocsp-response'
import { type PathInput, validatePath } from '../../../src/pki/path-validation'
import { publicKeyInfo, publicKeyJwk } from '../../../src/pki/public-key'
import { verifySignature } from '../../../src/pki/signature'
import { renderCertificateText } from '../../../src/pki/text'
import * as make from '../../support/certificates'
import { AT, makeCertificate, makeCrl, makeIssuer, makeRoot } from '../../support/certificates'

const SUITES = join(__dirname, '../../fixtures/suites')

/** One change to bytes: overwrite, delete, insert or cut. */
type Mutation = { at: number; kind: 'set' | 'delete' | 'insert' | 'cut'; value: number }

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(1_000_000),
  kind: fc.constantFrom('set', 'set', 'set', 'delete', 'insert', 'cut'),
  value: fc.nat(255),
})

function mutate(der: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  const bytes = [...der]
  for (const { at, kind, value } of changes) {
    const index = at % Math.max(bytes.length, 1)
    if (kind === 'set') bytes[index] = value
    else if (kind === 'delete') bytes.splice(index, 1)
    else if (kind === 'insert') bytes.splice(index, 0, value)
    else bytes.length = index
  }
  const changed = Uint8Array.from(bytes)
  // Always a change: what stays the same by chance gets its last bit flipped.
  if (Buffer.compare(changed, der) === 0) changed[changed.length - 1] = (der.at(-1) ?? 0) ^ 1
  return changed
}

const root = makeRoot()
const issuer = makeIssuer('Issuer', root, [
  make.basicConstraints(true, 0),
  make.keyUsage(5, 6),
  make.certificatePolicies('1.2.3'),
  make.nameConstraints([make.textName(2, 'example.com')], [make.textName(1, 'x.example.com')]),
])
const target = makeCertificate({
  subject: 'Target',
  issuer,
  serial: 3n,
  extensions: [
    make.keyUsage(0),
    make.certificatePolicies('1.2.3'),
    make.subjectAltName(make.textName(2, 'www.example.com'), make.textName(1, 'a@example.com')),
  ],
})
const crls = [makeCrl({ issuer, revoked: [9n] }), makeCrl({ issuer: root, revoked: [8n] })]

const GOOD: PathInput = {
  leaf: target.der,
  intermediates: [issuer.der],
  trustAnchors: [root.der],
  crls,
  revocation: 'all',
  at: AT,
}

const isExpected = (error: unknown) =>
  error instanceof DerError || error instanceof CertificateError || error instanceof OcspStatusError

/** The only exceptions parsers may throw are their own. */
function expectTyped(parse: () => unknown): void {
  try {
    parse()
  } catch (error) {
    if (!isExpected(error)) throw error
  }
}

describe('hostile bytes', () => {
  const changes = fc.array(mutation, { minLength: 1, maxLength: 4 })

  it('starts from a path that is valid', () => {
    expect(validatePath(GOOD)).toMatchObject({ valid: true, failures: [] })
  })

  it('never throw out of validatePath, and never pass as the certificate they were', () => {
    fc.assert(
      fc.property(changes, fc.constantFrom('leaf', 'intermediate', 'crl'), (list, which) => {
        const input: PathInput = {
          ...GOOD,
          leaf: which === 'leaf' ? mutate(target.der, list) : target.der,
          intermediates: [which === 'intermediate' ? mutate(issuer.der, list) : issuer.der],
          crls: which === 'crl' ? crls.map((crl) => mutate(crl, list)) : crls,
        }
        const { valid, failures } = validatePath(input)
        expect(valid).toBe(failures.length === 0)
        // Every byte is signed, or part of the signature, or of the frame that DER has only one form for.
        expect(valid).toBe(false)
      }),
      { numRuns: 1500 },
    )
  })

  const suiteInputs = ['pkits-dev', 'bssl-chain-dev', 'bssl-crl-dev', 'limbo-dev', 'ocsp-dev']
    .flatMap((name) => readLines(join(SUITES, `${name}.jsonl.gz`)).map((line) => JSON.parse(line)))
    .filter(({ leaf }) => leaf !== undefined)
    .map((testCase) => ({
      isGood: testCase.expected === 'SUCCESS',
      input: toPathInput(testCase),
    }))

  /** The case with one kind of its bytes changed; anchors stay, being the caller's own. */
  function mutateInput(input: PathInput, list: readonly Mutation[], which: number): PathInput {
    const change = (der: Uint8Array, kind: number) => (which === kind ? mutate(der, list) : der)
    return {
      ...input,
      leaf: change(input.leaf as Uint8Array, 0),
      intermediates: input.intermediates.map((der) => change(der as Uint8Array, 1)),
      extraCerts: (input.extraCerts ?? []).map((der) => change(der as Uint8Array, 1)),
      crls: (input.crls ?? []).map((der) => change(der, 2)),
      ocspResponses: (input.ocspResponses ?? []).map((der) => change(der, 3)),
    }
  }

  it('never turn an invalid case of the suites into a valid one', () => {
    const invalid = suiteInputs.filter(({ isGood }) => !isGood)
    fc.assert(
      fc.property(fc.constantFrom(...invalid), changes, fc.nat(3), ({ input }, list, which) => {
        expect(validatePath(mutateInput(input, list, which)).valid).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('never throw, and never leave a verdict without its reasons, whatever the case uses', () => {
    fc.assert(
      fc.property(fc.constantFrom(...suiteInputs), changes, fc.nat(3), ({ input }, list, which) => {
        const { valid, failures } = validatePath(mutateInput(input, list, which))
        expect(valid).toBe(failures.length === 0)
      }),
      { numRuns: 1000 },
    )
  })

  it('end in typed failures in every parser', () => {
    const samples = [target.der, issuer.der, ...crls]
    fc.assert(
      fc.property(fc.constantFrom(...samples), changes, (sample, list) => {
        const bytes = mutate(sample, list)
        for (const parse of [
          parseCertificate,
          parseTbs,
          parseCrl,
          parseOcspResponse,
          renderCertificateText,
        ]) {
          expectTyped(() => parse(bytes))
        }
        renderName(bytes)
        publicKeyInfo(bytes)
        publicKeyJwk(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  it('end in typed failures when they are nothing at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
        expect(
          validatePath({ ...GOOD, leaf: a, intermediates: [b], trustAnchors: [a, b] }).valid,
        ).toBe(false)
        for (const parse of [parseCertificate, parseTbs, parseCrl, parseOcspResponse]) {
          expectTyped(() => parse(a))
        }
        const outcome = verifySignature({ spki: a, signatureAlgorithm: b, data: a, signature: b })
        expect(outcome.ok).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('cannot make deep nesting overflow anything', () => {
    let nested = Uint8Array.of(0x30, 0)
    for (let depth = 0; depth < 5000; depth++) {
      const length = nested.length
      const head = length < 128 ? [0x30, length] : [0x30, 0x82, length >> 8, length & 255]
      nested = Uint8Array.from([...head, ...nested])
    }
    expect(validatePath({ ...GOOD, leaf: nested }).valid).toBe(false)
    expectTyped(() => parseCrl(nested))
    expectTyped(() => parseOcspResponse(nested))
  })

  // 2,000 comparisons of 200 kB took 1.4 s and one of the budget each, of which there are a million.
  it.each([
    ['rfc822Name', 1, `${'a'.repeat(200_000)}@example.com`],
    ['uniformResourceIdentifier', 6, `http://${'a'.repeat(200_000)}@example.com/`],
  ])('pay for a long %s as for many names', (_, tag, text) => {
    const failuresUnder = (subtrees: number) => {
      const excluded = Array.from({ length: subtrees }, () => make.textName(tag, 'example.org'))
      const ca = [make.basicConstraints(true), make.nameConstraints([], excluded)]
      const constrained = makeIssuer('Constrained', root, ca)
      const extensions = [make.subjectAltName(make.textName(tag, text))]
      const leaf = makeCertificate({ subject: 'Long', issuer: constrained, extensions })
      const intermediates = [constrained.der]
      const input = {
        ...GOOD,
        crls: [],
        revocation: 'none',
        leaf: leaf.der,
        intermediates,
      } as const
      return validatePath(input).failures.map(({ code }) => code)
    }
    expect(failuresUnder(1000)).toEqual([])
    expect(failuresUnder(2000)).toContain('PATH_BUDGET_EXCEEDED')
  })

  it('cannot make validation take long: a thousand issuers of one name that all sign each other', () => {
    const ca = [make.basicConstraints(true)]
    const same = makeCertificate({ subject: 'Mesh', extensions: ca })
    const mesh = Array.from({ length: 200 }, (_, index) =>
      makeCertificate({
        subject: 'Mesh',
        issuer: same,
        seed: 'Mesh',
        serial: BigInt(index + 1),
        extensions: ca,
      }),
    )
    const leaf = makeCertificate({ subject: 'Target', issuer: same })
    const start = performance.now()
    const result = validatePath({
      ...GOOD,
      leaf: leaf.der,
      intermediates: mesh.map(({ der }) => der),
    })
    expect(result.valid).toBe(false)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
