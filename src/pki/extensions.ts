/**
 * Contents of the extensions of RFC 5280 §4.2, decoded strictly: each `decode…` takes the octets of an extnValue, the DER of
 * one value and no byte more, and throws a DerError for anything else.
 */
import { contentBytes, contextTag, DerError, DerReader, readerOf, TAG } from './der'
import { booleanValue, integerBytes, namedBits, oidValue, smallInteger } from './der-values'
import { type GeneralName, readGeneralName, readGeneralNames } from './general-names'
import { isPrefixMask } from './name-matching'

export const OID = {
  subjectDirectoryAttributes: '2.5.29.9',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  anyPolicy: '2.5.29.32.0',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  anyExtendedKeyUsage: '2.5.29.37.0',
  freshestCrl: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  subjectInfoAccess: '1.3.6.1.5.5.7.1.11',
} as const

/** id-qt-cps and id-qt-unotice (§4.2.1.4). */
export const KNOWN_QUALIFIERS: readonly string[] = ['1.3.6.1.5.5.7.2.1', '1.3.6.1.5.5.7.2.2']

/** Bits of KeyUsage (§4.2.1.3) by position. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsageName = (typeof KEY_USAGES)[number]

export type BasicConstraints = { readonly cA: boolean; readonly pathLenConstraint: number | null }

export type AuthorityKeyIdentifier = {
  readonly keyIdentifier: Uint8Array | null
  readonly authorityCertIssuer: readonly GeneralName[] | null
  /** Contents octets of the serial number. */
  readonly authorityCertSerialNumber: Uint8Array | null
}

export type NameConstraints = {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

export type PolicyInformation = {
  readonly oid: string
  /** Dotted OIDs of the qualifiers. */
  readonly qualifiers: readonly string[]
}

export type PolicyMapping = { readonly issuerDomain: string; readonly subjectDomain: string }

/** null: the field is absent. */
export type PolicyConstraints = {
  readonly requireExplicitPolicy: number | null
  readonly inhibitPolicyMapping: number | null
}

export type AccessDescription = { readonly method: string; readonly location: GeneralName }

/** BoringSSL's bound, too: a longer path than 255 is over every limit here. */
const MAX_PATH_LENGTH = 255
/** As `MAX_PATH_LENGTH`: more certificates than any path has. */
const MAX_SKIP_CERTS = 255

/** §4.2.1.9. */
export function decodeBasicConstraints(value: Uint8Array): BasicConstraints {
  const fields = sequence(value, 'BasicConstraints')
  const flag = fields.readOptional(TAG.boolean)
  // Many CAs write out cA FALSE, which DER leaves to the default; it can only restrict, so it may stand.
  const cA = flag !== undefined && booleanValue(flag)
  const length = fields.readOptional(TAG.integer)
  fields.expectEnd('BasicConstraints')
  const pathLenConstraint =
    length === undefined ? null : smallInteger(length, MAX_PATH_LENGTH, 'pathLenConstraint')
  return { cA, pathLenConstraint }
}

/** §4.2.1.3. */
export function decodeKeyUsage(value: Uint8Array): ReadonlySet<KeyUsageName> {
  const reader = new DerReader(value)
  const bits = namedBits(reader.read(TAG.bitString, 'KeyUsage'))
  reader.expectEnd('KeyUsage')
  // §4.2.1.3: "at least one of the bits MUST be set to 1"; one we do not know allows nothing here.
  if (bits.size === 0) throw new DerError('DER_BAD_VALUE', 'KeyUsage without any usage', 0)
  return new Set(KEY_USAGES.filter((_, bit) => bits.has(bit)))
}

/** §4.2.1.12: dotted OIDs of the purposes. */
export function decodeExtKeyUsage(value: Uint8Array): readonly string[] {
  const list = sequence(value, 'ExtKeyUsageSyntax')
  return atLeastOne(list, 'ExtKeyUsageSyntax', () => oidValue(list.read(TAG.oid, 'KeyPurposeId')))
}

/** §4.2.1.6 and 4.2.1.7: of the subject or the issuer. */
export function decodeAltName(value: Uint8Array): readonly GeneralName[] {
  return readGeneralNames(sequence(value, 'GeneralNames'), [4, 16])
}

/** §4.2.1.2. */
export function decodeKeyIdentifier(value: Uint8Array): Uint8Array {
  const reader = new DerReader(value)
  const element = reader.read(TAG.octetString, 'KeyIdentifier')
  reader.expectEnd('KeyIdentifier')
  return contentBytes(element)
}

/** §4.2.1.1. */
export function decodeAuthorityKeyIdentifier(value: Uint8Array): AuthorityKeyIdentifier {
  const fields = sequence(value, 'AuthorityKeyIdentifier')
  const keyIdentifier = fields.readOptional(contextTag(0, false))
  const issuer = fields.readOptional(contextTag(1))
  const serial = fields.readOptional(contextTag(2, false))
  fields.expectEnd('AuthorityKeyIdentifier')
  // RFC 5280 A.2: they "MUST both be present or both be absent".
  if ((issuer === undefined) !== (serial === undefined)) {
    throw new DerError('DER_BAD_VALUE', 'authority named by issuer or serial number alone', 0)
  }
  return {
    keyIdentifier: keyIdentifier === undefined ? null : contentBytes(keyIdentifier),
    authorityCertIssuer: issuer === undefined ? null : readGeneralNames(readerOf(issuer), [4, 16]),
    authorityCertSerialNumber: serial === undefined ? null : integerBytes(serial),
  }
}

/** §4.2.1.10. */
export function decodeNameConstraints(value: Uint8Array): NameConstraints {
  const fields = sequence(value, 'NameConstraints')
  const permitted = fields.readOptional(contextTag(0))
  const excluded = fields.readOptional(contextTag(1))
  fields.expectEnd('NameConstraints')
  // §4.2.1.10: "MUST NOT issue certificates where name constraints is an empty sequence".
  if (permitted === undefined && excluded === undefined) {
    throw new DerError('DER_BAD_VALUE', 'NameConstraints without any constraint', 0)
  }
  return {
    permitted: permitted === undefined ? [] : readSubtrees(readerOf(permitted)),
    excluded: excluded === undefined ? [] : readSubtrees(readerOf(excluded)),
  }
}

function readSubtrees(list: DerReader): readonly GeneralName[] {
  return atLeastOne(list, 'GeneralSubtrees', () => {
    const subtree = list.enter(TAG.sequence, 'GeneralSubtree')
    const base = readGeneralName(subtree.readAny(), [8, 32])
    // §4.2.1.10: address and mask "in the style of RFC 4632 (CIDR)".
    if (base.kind === 'iPAddress' && !isPrefixMask(base.octets.subarray(base.octets.length / 2))) {
      throw new DerError('DER_BAD_VALUE', 'address mask with holes', subtree.offset)
    }
    // §4.2.1.10: minimum is always zero (so absent), maximum absent.
    subtree.expectEnd('GeneralSubtree')
    return base
  })
}

/** §4.2.1.4. */
export function decodeCertificatePolicies(value: Uint8Array): readonly PolicyInformation[] {
  const list = sequence(value, 'certificatePolicies')
  const seen = new Set<string>()
  return atLeastOne(list, 'certificatePolicies', () => {
    const fields = list.enter(TAG.sequence, 'PolicyInformation')
    const oid = oidValue(fields.read(TAG.oid, 'policyIdentifier'))
    if (seen.has(oid)) throw new DerError('DER_BAD_VALUE', `policy ${oid} twice`, fields.offset)
    seen.add(oid)
    const qualifiers = fields.isAtEnd ? [] : readQualifiers(fields)
    fields.expectEnd('PolicyInformation')
    // §4.2.1.4: with anyPolicy qualifiers "MUST be limited to the qualifiers identified in this section".
    if (oid === OID.anyPolicy && !qualifiers.every((id) => KNOWN_QUALIFIERS.includes(id))) {
      throw new DerError('DER_BAD_VALUE', 'anyPolicy with an unknown qualifier', fields.offset)
    }
    return { oid, qualifiers }
  })
}

function readQualifiers(fields: DerReader): readonly string[] {
  const list = fields.enter(TAG.sequence, 'policyQualifiers')
  return atLeastOne(list, 'policyQualifiers', () => {
    const qualifier = list.enter(TAG.sequence, 'PolicyQualifierInfo')
    const oid = oidValue(qualifier.read(TAG.oid, 'policyQualifierId'))
    qualifier.readAny()
    qualifier.expectEnd('PolicyQualifierInfo')
    return oid
  })
}

/** §4.2.1.5. That none is of anyPolicy is for path validation to see (§6.1.4 (a)). */
export function decodePolicyMappings(value: Uint8Array): readonly PolicyMapping[] {
  const list = sequence(value, 'PolicyMappings')
  return atLeastOne(list, 'PolicyMappings', () => {
    const fields = list.enter(TAG.sequence, 'PolicyMapping')
    const issuerDomain = oidValue(fields.read(TAG.oid, 'issuerDomainPolicy'))
    const subjectDomain = oidValue(fields.read(TAG.oid, 'subjectDomainPolicy'))
    fields.expectEnd('PolicyMapping')
    return { issuerDomain, subjectDomain }
  })
}

/** §4.2.1.11. */
export function decodePolicyConstraints(value: Uint8Array): PolicyConstraints {
  const fields = sequence(value, 'PolicyConstraints')
  const explicit = fields.readOptional(contextTag(0, false))
  const mapping = fields.readOptional(contextTag(1, false))
  fields.expectEnd('PolicyConstraints')
  if (explicit === undefined && mapping === undefined) {
    throw new DerError('DER_BAD_VALUE', 'PolicyConstraints without any constraint', 0)
  }
  const skip = (element: typeof explicit) =>
    element === undefined ? null : smallInteger(element, MAX_SKIP_CERTS, 'SkipCerts')
  return { requireExplicitPolicy: skip(explicit), inhibitPolicyMapping: skip(mapping) }
}

/** §4.2.1.14: certificates to skip before anyPolicy counts no longer. */
export function decodeInhibitAnyPolicy(value: Uint8Array): number {
  const reader = new DerReader(value)
  const element = reader.read(TAG.integer, 'InhibitAnyPolicy')
  reader.expectEnd('InhibitAnyPolicy')
  return smallInteger(element, MAX_SKIP_CERTS, 'InhibitAnyPolicy')
}

/** §4.2.2.1 and 4.2.2.2: of the authority or the subject. */
export function decodeInfoAccess(value: Uint8Array): readonly AccessDescription[] {
  const list = sequence(value, 'AuthorityInfoAccessSyntax')
  return atLeastOne(list, 'AuthorityInfoAccessSyntax', () => {
    const fields = list.enter(TAG.sequence, 'AccessDescription')
    const method = oidValue(fields.read(TAG.oid, 'accessMethod'))
    const location = readGeneralName(fields.readAny(), [4, 16])
    fields.expectEnd('AccessDescription')
    return { method, location }
  })
}

function sequence(value: Uint8Array, what: string): DerReader {
  const reader = new DerReader(value)
  const contents = reader.enter(TAG.sequence, what)
  reader.expectEnd(what)
  return contents
}

function atLeastOne<T>(list: DerReader, what: string, readOne: () => T): readonly T[] {
  const items: T[] = []
  do {
    items.push(readOne())
    if (items.length > 4096) throw new DerError('DER_TOO_LARGE', `${what}: too long`, list.offset)
  } while (!list.isAtEnd)
  return items
}
