/** Certificate revocation lists, read strictly (RFC 5280 §5). Signatures and scope are judged elsewhere. */
import { type Extension, readExtensionList } from './certificate'
import {
  contextTag,
  type DerElement,
  DerError,
  type DerReader,
  elementBytes,
  readerOf,
  readSingle,
  TAG,
} from './der'
import { integerValue, octetBits, smallInteger, timeValue } from './der-values'
import {
  decodeIssuingDistributionPoint,
  type IssuingDistributionPoint,
} from './distribution-points'
import { decodeAltName, decodeAuthorityKeyIdentifier, decodeInfoAccess } from './extensions'
import { normalizeName } from './names'

/** CRLReason by value (§5.3.1); 7 is unused. */
export const CRL_REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const

export type CrlReason = Exclude<(typeof CRL_REASONS)[number], undefined>

export type CrlEntry = {
  readonly serialNumber: bigint
  readonly revocationDateMs: number
  readonly reason: CrlReason
}

export type ParsedCrl = {
  readonly der: Uint8Array
  readonly tbs: Uint8Array
  readonly version: 1 | 2
  readonly innerAlgorithm: Uint8Array
  readonly outerAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** DER Name and its comparison key. */
  readonly issuer: Uint8Array
  readonly issuerKey: string
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number | null
  /** Comparison key of the certificate issuer, then the serial number. */
  readonly entries: ReadonlyMap<string, ReadonlyMap<bigint, CrlEntry>>
  readonly crlNumber: bigint | null
  readonly isCrlNumberCritical: boolean
  /** BaseCRLNumber; null for a complete CRL. */
  readonly deltaBase: bigint | null
  readonly issuingDistributionPoint: IssuingDistributionPoint | null
  /** DER of the extension's value, to compare scopes. */
  readonly scope: Uint8Array
  readonly authorityKeyIdentifier: Uint8Array | null
  /** OIDs of critical extensions, of list or entries. */
  readonly critical: ReadonlySet<string>
  /** Those of them that are not processed here. */
  readonly unknownCritical: readonly string[]
}

type Critical = { readonly seen: Set<string>; readonly unknown: Set<string> }

/** 64 MiB: more than the largest CRLs in public use. */
const MAX_CRL_BYTES = 67_108_864

type CrlExtensions = Pick<
  ParsedCrl,
  | 'crlNumber'
  | 'isCrlNumberCritical'
  | 'deltaBase'
  | 'issuingDistributionPoint'
  | 'scope'
  | 'authorityKeyIdentifier'
>

/** @throws {DerError | CertificateError} when the bytes are no CertificateList in strict DER. */
export function parseCrl(der: Uint8Array): ParsedCrl {
  if (der.length > MAX_CRL_BYTES) throw new DerError('DER_TOO_LARGE', 'CRL too large', 0)
  const list = readerOf(readSingle(der, TAG.sequence, 'CertificateList'))
  const tbsElement = list.read(TAG.sequence, 'TBSCertList')
  const outerAlgorithm = elementBytes(list.read(TAG.sequence, 'signatureAlgorithm'))
  const signature = octetBits(list.read(TAG.bitString, 'signatureValue'), 'signatureValue')
  list.expectEnd('CertificateList')
  const fields = readerOf(tbsElement)
  const version = readVersion(fields)
  const innerAlgorithm = elementBytes(fields.read(TAG.sequence, 'signature'))
  const issuer = elementBytes(fields.read(TAG.sequence, 'issuer'))
  const issuerKey = normalizeName(issuer).key
  const thisUpdateMs = timeValue(fields.readAny())
  const nextUpdateMs = isTime(fields.peekTag()) ? timeValue(fields.readAny()) : null
  const critical: Critical = { seen: new Set(), unknown: new Set() }
  const entries = readEntries(fields, version, issuerKey, critical)
  const extensions = readExtensions(fields, version, critical)
  fields.expectEnd('TBSCertList')
  requireIndirect(entries, issuerKey, extensions.issuingDistributionPoint)
  return {
    der,
    tbs: elementBytes(tbsElement),
    version,
    innerAlgorithm,
    outerAlgorithm,
    signature,
    issuer,
    issuerKey,
    thisUpdateMs,
    nextUpdateMs,
    entries,
    critical: critical.seen,
    unknownCritical: [...critical.unknown],
    ...extensions,
  }
}

/** §5.3.3: certificateIssuer is for indirect CRLs; in another one entries would silently be about somebody else. */
function requireIndirect(
  entries: ParsedCrl['entries'],
  issuerKey: string,
  scope: IssuingDistributionPoint | null,
): void {
  if (scope?.indirectCrl === true) return
  if ([...entries.keys()].some((key) => key !== issuerKey)) {
    throw new DerError('DER_BAD_VALUE', 'entries of other issuers in a direct CRL', 0)
  }
}

function readVersion(fields: DerReader): 1 | 2 {
  const element = fields.readOptional(TAG.integer)
  if (element === undefined) return 1
  if (smallInteger(element, 255, 'version') !== 1) {
    throw new DerError('DER_BAD_VALUE', 'a CRL has version 2 or none', element.start)
  }
  return 2
}

function isTime(tag: number): boolean {
  return tag === TAG.utcTime || tag === TAG.generalizedTime
}

function readEntries(
  fields: DerReader,
  version: number,
  crlIssuerKey: string,
  critical: Critical,
): ParsedCrl['entries'] {
  const entries = new Map<string, Map<bigint, CrlEntry>>()
  const element = fields.readOptional(TAG.sequence)
  if (element === undefined) return entries
  const list = readerOf(element)
  // §5.1.2.6: "the revoked certificates list MUST be absent" when there are none.
  if (list.isAtEnd) throw new DerError('DER_BAD_VALUE', 'empty revokedCertificates', element.start)
  let issuerKey = crlIssuerKey
  while (!list.isAtEnd) {
    const entry = readEntry(list.read(TAG.sequence, 'revoked certificate'), version, critical)
    // §5.3.3: the issuer holds for the entries that follow, too.
    issuerKey = entry.certificateIssuerKey ?? issuerKey
    const ofIssuer = entries.get(issuerKey) ?? new Map<bigint, CrlEntry>()
    entries.set(issuerKey, ofIssuer.set(entry.serialNumber, entry))
  }
  return entries
}

const ENTRY_OID = {
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  certificateIssuer: '2.5.29.29',
}

function readEntry(
  element: DerElement,
  version: number,
  critical: Critical,
): CrlEntry & { certificateIssuerKey: string | undefined } {
  const fields = readerOf(element)
  const serialNumber = integerValue(fields.read(TAG.integer, 'userCertificate'))
  const revocationDateMs = timeValue(fields.readAny())
  let reason: CrlReason = 'unspecified'
  let certificateIssuerKey: string | undefined
  const list = fields.readOptional(TAG.sequence)
  fields.expectEnd('revoked certificate')
  if (list !== undefined && version === 1) {
    throw new DerError('DER_BAD_VALUE', 'entry extensions in a v1 CRL', list.start)
  }
  for (const extension of list === undefined ? [] : readExtensionList(readerOf(list))) {
    if (extension.critical) critical.seen.add(extension.oid)
    if (extension.oid === ENTRY_OID.reasonCode) reason = readReason(extension)
    else if (extension.oid === ENTRY_OID.invalidityDate) {
      timeValue(readSingle(extension.value, TAG.generalizedTime, 'invalidityDate'))
    } else if (extension.oid === ENTRY_OID.certificateIssuer) {
      certificateIssuerKey = readCertificateIssuer(extension)
    } else if (extension.critical) critical.unknown.add(extension.oid)
  }
  return { serialNumber, revocationDateMs, reason, certificateIssuerKey }
}

function readReason({ value }: Extension): CrlReason {
  const element = readSingle(value, TAG.enumerated, 'reasonCode')
  const reason = CRL_REASONS[smallInteger(element, CRL_REASONS.length - 1, 'reasonCode')]
  if (reason === undefined) throw new DerError('DER_BAD_VALUE', 'reasonCode 7 is unused', 0)
  return reason
}

function readCertificateIssuer({ value }: Extension): string {
  const name = decodeAltName(value).find(({ kind }) => kind === 'directoryName')
  if (name?.kind !== 'directoryName') {
    throw new DerError('DER_BAD_VALUE', 'certificateIssuer without a directoryName', 0)
  }
  return normalizeName(name.name).key
}

function readExtensions(fields: DerReader, version: number, critical: Critical): CrlExtensions {
  const result = {
    crlNumber: null as bigint | null,
    isCrlNumberCritical: false,
    deltaBase: null as bigint | null,
    issuingDistributionPoint: null as IssuingDistributionPoint | null,
    scope: new Uint8Array(0),
    authorityKeyIdentifier: null as Uint8Array | null,
  }
  const explicit = fields.readOptional(contextTag(0))
  if (explicit === undefined) return result
  if (version === 1) throw new DerError('DER_BAD_VALUE', 'extensions in a v1 CRL', explicit.start)
  const outer = readerOf(explicit)
  const list = outer.enter(TAG.sequence, 'crlExtensions')
  outer.expectEnd('crlExtensions')
  for (const extension of readExtensionList(list)) {
    const { oid, value } = extension
    if (extension.critical) critical.seen.add(oid)
    if (oid === '2.5.29.20') {
      result.crlNumber = readNumber(value)
      result.isCrlNumberCritical = extension.critical
    } else if (oid === '2.5.29.27') result.deltaBase = readNumber(value)
    else if (oid === '2.5.29.28') {
      result.issuingDistributionPoint = decodeIssuingDistributionPoint(value)
      result.scope = Uint8Array.from(value)
    } else if (oid === '2.5.29.35') {
      result.authorityKeyIdentifier = decodeAuthorityKeyIdentifier(value).keyIdentifier
    } else checkOther(extension, critical)
  }
  return result
}

function checkOther(extension: Extension, critical: Critical): void {
  if (extension.oid === '2.5.29.18') decodeAltName(extension.value)
  else if (extension.oid === '1.3.6.1.5.5.7.1.1') decodeInfoAccess(extension.value)
  else if (extension.critical) critical.unknown.add(extension.oid)
}

function readNumber(value: Uint8Array): bigint {
  const number = integerValue(readSingle(value, TAG.integer, 'CRL number'))
  if (number < 0n) throw new DerError('DER_BAD_VALUE', 'negative CRL number', 0)
  return number
}

/** The entry for a certificate, by its issuer's comparison key and its serial number. */
export function findCrlEntry(
  crl: ParsedCrl,
  certificateIssuerKey: string,
  serialNumber: bigint,
): CrlEntry | undefined {
  return crl.entries.get(certificateIssuerKey)?.get(serialNumber)
}
