import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../src/pki/certificate'
import {
  encodeExplicit,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../../src/pki/der-writer'
import { type PathInput, validatePath } from '../../../src/pki/path-validation'
import * as make from '../../support/certificates'
import { AT, makeCertificate, makeCrl, makeIssuer, makeRoot } from '../../support/certificates'

const root = makeRoot()
const issuer = makeIssuer('Issuer', root)
const target = makeCertificate({ subject: 'Target', issuer, serial: 3n })

function run(overrides: Partial<PathInput> = {}) {
  return validatePath({
    leaf: target.der,
    intermediates: [issuer.der],
    trustAnchors: [root.der],
    at: AT,
    ...overrides,
  })
}

/** Codes of a path root, issuer, target with these extensions. */
function codesWith(
  issuerExtensions: readonly Uint8Array[],
  targetExtensions: readonly Uint8Array[] = [],
  overrides: Partial<PathInput> = {},
) {
  const middle = makeIssuer('Issuer', root, issuerExtensions)
  const leaf = makeCertificate({ subject: 'Target', issuer: middle, extensions: targetExtensions })
  const result = run({ leaf: leaf.der, intermediates: [middle.der], ...overrides })
  expect(result.valid).toBe(result.failures.length === 0)
  return result.failures.map(({ code }) => code)
}

const CA = [make.basicConstraints(true), make.keyUsage(5, 6)]

describe('validatePath', () => {
  it('accepts a sound path and gives it target first', () => {
    expect(run()).toEqual({ valid: true, path: [target.der, issuer.der, root.der], failures: [] })
  })

  it('gives the same verdict for certificates parsed before', () => {
    const parsed = run({
      leaf: parseCertificate(target.der),
      intermediates: [parseCertificate(issuer.der)],
      trustAnchors: [parseCertificate(root.der)],
    })
    expect(parsed.valid).toBe(true)
  })

  it('accepts a self-signed certificate that is an anchor itself', () => {
    expect(run({ leaf: root.der, intermediates: [] }).path).toEqual([root.der])
  })

  it('refuses a target whose own self-signature is forged, anchor or not', () => {
    const forged = makeCertificate({
      subject: 'Root',
      signer: make.seededKey('other'),
      extensions: CA,
    })
    const result = run({ leaf: forged.der, trustAnchors: [forged.der], intermediates: [] })
    expect(result.failures.map(({ code }) => code)).toContain('SIG_BAD')
  })

  it('refuses a path to a root that is no anchor (§6.1.1 d)', () => {
    const other = makeCertificate({ subject: 'Other', extensions: CA })
    const result = run({ intermediates: [issuer.der, root.der], trustAnchors: [other.der] })
    expect(result.failures[0]?.code).toBe('PATH_NO_ANCHOR')
  })

  it('refuses a forged signature (§6.1.3 a 1)', () => {
    const forged = makeCertificate({ subject: 'Target', issuer, signer: make.seededKey('thief') })
    const result = run({ leaf: forged.der })
    expect(result).toMatchObject({
      valid: false,
      failures: [{ code: 'SIG_BAD', certificate: 0 }, {}],
    })
  })

  it.each([
    ['a second before notBefore', '2025-12-31T23:59:59Z', ['PATH_NOT_YET_VALID']],
    ['at notBefore', '2026-01-01T00:00:00Z', []],
    ['within the second of notAfter', '2027-01-01T00:00:00.999Z', []],
    ['a second after notAfter', '2027-01-01T00:00:01Z', ['PATH_EXPIRED']],
    ['at no moment at all', 'nonsense', ['PATH_NOT_YET_VALID']],
  ])('judges dates inclusively: %s (§6.1.3 a 2)', (_, at, codes) => {
    const found = run({ at: new Date(at) }).failures.map(({ code }) => code)
    expect([...new Set(found)]).toEqual(codes)
  })

  it('leaves the dates of an anchor out when asked to', () => {
    const old = makeCertificate({ subject: 'Root', extensions: CA, notAfter: Date.UTC(2026, 1, 1) })
    expect(run({ trustAnchors: [old.der] }).failures[0]?.code).toBe('PATH_EXPIRED')
    expect(run({ trustAnchors: [old.der], anchor: { checkValidity: false } }).valid).toBe(true)
  })

  it('requires issuers to be CAs (§6.1.4 k)', () => {
    expect(codesWith(CA)).toEqual([])
    expect(codesWith([make.keyUsage(5)])).toEqual(['PATH_NOT_CA'])
    expect(codesWith([make.basicConstraints(false)])).toEqual(['PATH_NOT_CA'])
  })

  it('requires keyCertSign of issuers that restrict their usage (§6.1.4 n)', () => {
    expect(codesWith([make.basicConstraints(true)])).toEqual([])
    expect(codesWith([make.basicConstraints(true), make.keyUsage(6)])).toEqual([
      'PATH_NO_CERT_SIGN',
    ])
  })

  it('counts intermediates against pathLenConstraint (§6.1.4 l)', () => {
    const first = makeIssuer('First', root, [make.basicConstraints(true, 0)])
    const second = makeIssuer('Second', first)
    const leaf = makeCertificate({ subject: 'Target', issuer: second })
    const pool = [first.der, second.der]
    const result = run({ leaf: leaf.der, intermediates: pool })
    expect(result.failures).toMatchObject([{ code: 'PATH_LENGTH_EXCEEDED', certificate: 1 }])
    const direct = makeCertificate({ subject: 'Target', issuer: first })
    expect(run({ leaf: direct.der, intermediates: pool }).valid).toBe(true)
  })

  it('counts intermediates against the caller’s own limit', () => {
    expect(run({ maxPathLength: 1 }).valid).toBe(true)
    expect(run({ maxPathLength: 0 }).failures[0]?.code).toBe('PATH_LENGTH_EXCEEDED')
  })

  it('refuses critical extensions nobody processes, and only those (§4.2)', () => {
    const unknown = (isCritical: boolean) =>
      make.makeExtension('1.2.3.4', encodeInteger(1n), isCritical)
    expect(codesWith(CA, [unknown(false)])).toEqual([])
    expect(codesWith(CA, [unknown(true)])).toEqual(['CERT_UNKNOWN_CRITICAL_EXTENSION'])
  })

  it('keeps names within the constraints above them (§6.1.3 b, c)', () => {
    const constraints = make.nameConstraints(
      [make.textName(2, 'example.com')],
      [make.textName(2, 'secret.example.com')],
    )
    const codes = (host: string) =>
      codesWith([...CA, constraints], [make.subjectAltName(make.textName(2, host))])
    expect(codes('www.example.com')).toEqual([])
    expect(codes('example.org')).toEqual(['PATH_NAME_NOT_PERMITTED'])
    expect(codes('a.secret.example.com')).toEqual(['PATH_NAME_EXCLUDED'])
    expect(codes('*.example.com')).toEqual(['PATH_NAME_EXCLUDED'])
  })

  it('excludes a mailbox in whatever case, and permits it only as written (§4.2.1.10)', () => {
    const mailbox = make.textName(1, 'Me@example.com')
    const codes = (text: string, constraints: Uint8Array) =>
      codesWith([...CA, constraints], [make.subjectAltName(make.textName(1, text))])
    const excluded = make.nameConstraints([], [mailbox])
    expect(codes('you@example.com', excluded)).toEqual([])
    expect(codes('me@EXAMPLE.com', excluded)).toEqual(['PATH_NAME_EXCLUDED'])
    const permitted = make.nameConstraints([mailbox])
    expect(codes('Me@EXAMPLE.com', permitted)).toEqual([])
    expect(codes('me@example.com', permitted)).toEqual(['PATH_NAME_NOT_PERMITTED'])
  })

  it('requires a purpose of every certificate that restricts its purposes (§4.2.1.12)', () => {
    const server = '1.3.6.1.5.5.7.3.1'
    const client = '1.3.6.1.5.5.7.3.2'
    const wanted = { extendedKeyUsage: ['serverAuth'] }
    expect(codesWith(CA, [make.extKeyUsage(server)], wanted)).toEqual([])
    expect(codesWith(CA, [], wanted)).toEqual([])
    expect(codesWith([...CA, make.extKeyUsage(client)], [], wanted)).toEqual([
      'PATH_EXTENDED_KEY_USAGE',
    ])
  })

  it('requires an accepted policy when an explicit one is asked for (§6.1.5 g)', () => {
    const policy = { initialPolicySet: ['1.2.3'], requireExplicitPolicy: true }
    const issuerWith = (...oids: string[]) => [...CA, make.certificatePolicies(...oids)]
    const targetWith = (...oids: string[]) => [make.certificatePolicies(...oids)]
    expect(codesWith(issuerWith('1.2.3'), targetWith('1.2.3'), { policy })).toEqual([])
    expect(codesWith(issuerWith('1.2.4'), targetWith('1.2.4'), { policy })).toEqual(['PATH_POLICY'])
    expect(codesWith(issuerWith('1.2.3'), [], { policy })).toContain('PATH_POLICY')
  })

  it('matches the peer by subjectAltName only', () => {
    const named = [make.subjectAltName(make.textName(2, 'example.com'))]
    const peer = (value: string) => ({ peerName: { kind: 'DNS' as const, value } })
    expect(codesWith(CA, named, peer('example.com'))).toEqual([])
    expect(codesWith(CA, named, peer('example.org'))).toEqual(['PATH_PEER_NAME'])
    expect(codesWith(CA, [], peer('Target'))).toEqual(['PATH_PEER_NAME'])
  })

  it('finds the good one of several issuers of one name', () => {
    const wrongKey = makeCertificate({
      subject: 'Issuer',
      issuer: root,
      seed: 'old',
      extensions: CA,
    })
    const expired = makeCertificate({
      subject: 'Issuer',
      issuer: root,
      extensions: CA,
      notAfter: Date.UTC(2026, 2, 1),
    })
    const result = run({ intermediates: [wrongKey.der, expired.der, issuer.der] })
    expect(result.path).toEqual([target.der, issuer.der, root.der])
  })

  it('takes a root re-issued for its name and key as certified by the anchor it was', () => {
    const renewed = makeCertificate({ subject: 'Root', serial: 9n, extensions: CA })
    const only = { leaf: renewed.der, intermediates: [] }
    expect(run(only)).toMatchObject({ valid: true, path: [renewed.der, root.der] })
    const forged = makeCertificate({
      subject: 'Root',
      serial: 9n,
      extensions: CA,
      signer: make.seededKey('thief'),
    })
    expect(run({ ...only, leaf: forged.der }).failures[0]?.code).toBe('SIG_BAD')
    // Others of the same name and key beside it change nothing, and end.
    const many = [10n, 11n, 12n].map((serial) =>
      makeCertificate({ subject: 'Root', serial, extensions: CA }),
    )
    const pool = many.map(({ der }) => der)
    expect(run({ ...only, intermediates: pool }).path).toEqual([renewed.der, root.der])
    const stranger = makeCertificate({ subject: 'Other', extensions: CA })
    const astray = run({ ...only, intermediates: pool, trustAnchors: [stranger.der] })
    expect(astray.failures[0]?.code).toBe('PATH_NO_ANCHOR')
  })

  it('ends on issuers that certify each other in a circle', () => {
    const a = makeCertificate({ subject: 'A', extensions: CA })
    const b = makeCertificate({ subject: 'B', extensions: CA })
    const aByB = makeCertificate({ subject: 'A', issuer: b, extensions: CA })
    const bByA = makeCertificate({ subject: 'B', issuer: a, extensions: CA })
    const leaf = makeCertificate({ subject: 'Target', issuer: a })
    const result = run({ leaf: leaf.der, intermediates: [aByB.der, bByA.der] })
    expect(result.failures[0]?.code).toBe('PATH_NO_ANCHOR')
  })

  it('gives up, and says so, on more candidates than the budget allows', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      makeCertificate({ subject: 'Issuer', issuer: root, seed: `k${index}`, extensions: CA }),
    )
    const codes = run({ intermediates: many.map(({ der }) => der) }).failures.map(
      ({ code }) => code,
    )
    expect(codes).toContain('PATH_BUDGET_EXCEEDED')
  })

  it('ignores intermediates that cannot be read, and refuses such a target', () => {
    const garbage = Uint8Array.of(0x30, 0x80, 0, 0)
    expect(run({ intermediates: [garbage, issuer.der] }).valid).toBe(true)
    expect(run({ leaf: garbage })).toMatchObject({
      valid: false,
      path: [garbage],
      failures: [{ code: 'CERT_MALFORMED', certificate: 0 }],
    })
  })

  it('refuses mapped anyPolicy (§6.1.4 a)', () => {
    const mapping = encodeSequence(encodeSequence(encodeOid('2.5.29.32.0'), encodeOid('1.2.3')))
    expect(codesWith([...CA, make.makeExtension('2.5.29.33', mapping, true)])).toEqual([
      'PATH_POLICY_MAPPING_ANY',
    ])
  })
})

describe('validatePath with revocation', () => {
  const issuerCrl = makeCrl({ issuer })
  const rootCrl = makeCrl({ issuer: root })
  const codes = (overrides: Partial<PathInput>) =>
    run({ revocation: 'all', ...overrides }).failures.map(({ code, certificate }) => [
      code,
      certificate,
    ])

  it('accepts when current CRLs cover every certificate below the anchor', () => {
    expect(codes({ crls: [issuerCrl, rootCrl] })).toEqual([])
  })

  it('never takes missing CRLs for good', () => {
    expect(codes({ crls: [] })).toContainEqual(['PATH_REVOCATION_UNKNOWN', 0])
    expect(codes({ crls: [issuerCrl] })).toEqual([['PATH_REVOCATION_UNKNOWN', 1]])
    expect(codes({ crls: [issuerCrl], revocation: 'leaf' })).toEqual([])
  })

  it('refuses a revoked target and a revoked issuer', () => {
    expect(codes({ crls: [makeCrl({ issuer, revoked: [3n] }), rootCrl] })).toEqual([
      ['PATH_REVOKED', 0],
    ])
    expect(codes({ crls: [issuerCrl, makeCrl({ issuer: root, revoked: [2n] })] })).toEqual([
      ['PATH_REVOKED', 1],
    ])
  })

  it.each([
    ['forged', makeCrl({ issuer, signer: make.seededKey('thief') })],
    ['from the future', makeCrl({ issuer, thisUpdate: Date.UTC(2026, 5, 2) })],
    ['past its nextUpdate', makeCrl({ issuer, nextUpdate: Date.UTC(2026, 5, 1) })],
    ['at its nextUpdate', makeCrl({ issuer, nextUpdate: AT.getTime() })],
    [
      'with an unknown critical extension',
      makeCrl({ issuer, extensions: [make.makeExtension('1.2.3.4', encodeInteger(1n), true)] }),
    ],
    ['of another issuer', rootCrl],
    ['unreadable', Uint8Array.of(0x30, 0)],
  ])('does not use a CRL that is %s', (_, crl) => {
    expect(codes({ crls: [crl], revocation: 'leaf' })).toEqual([['PATH_REVOCATION_UNKNOWN', 0]])
  })

  it('does not use a direct CRL whose entries name another issuer (§5.3.3)', () => {
    const other = encodeSequence(encodeExplicit(4, make.nameOf('Other')))
    const own = encodeSequence(encodeExplicit(4, make.nameOf('Issuer')))
    const listed = (names: Uint8Array) =>
      codes({
        crls: [
          makeCrl({
            issuer,
            revoked: [3n],
            entryExtensions: [make.makeExtension('2.5.29.29', names, true)],
          }),
        ],
        revocation: 'leaf',
      })
    expect(listed(other)).toEqual([['PATH_REVOCATION_UNKNOWN', 0]])
    expect(listed(own)).toEqual([['PATH_REVOKED', 0]])
  })

  it('understands critical extensions of lists and entries it processes, but not under boringssl', () => {
    const reason = [make.makeExtension('2.5.29.21', Uint8Array.of(0x0a, 1, 1), true)]
    const status = (entryExtensions: Uint8Array[] | undefined, strictness?: 'boringssl') =>
      codes({
        crls: [makeCrl({ issuer, revoked: [4n], ...(entryExtensions ? { entryExtensions } : {}) })],
        revocation: 'leaf',
        ...(strictness ? { strictness } : {}),
      })
    expect(status(reason)).toEqual([])
    expect(status(undefined, 'boringssl')).toEqual([])
    expect(status(reason, 'boringssl')).toEqual([['PATH_REVOCATION_UNKNOWN', 0]])
  })

  it('does not use a CRL older than the caller allows', () => {
    const leafOnly = { crls: [issuerCrl], revocation: 'leaf' as const }
    expect(codes({ ...leafOnly, crlMaxAgeSeconds: 2 * 86_400 })).toEqual([])
    expect(codes({ ...leafOnly, crlMaxAgeSeconds: 3600 })).toEqual([['PATH_REVOCATION_UNKNOWN', 0]])
  })
})
