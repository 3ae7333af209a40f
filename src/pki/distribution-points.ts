/** CRLDistributionPoints, FreshestCRL and IssuingDistributionPoint (RFC 5280 §4.2.1.13, §4.2.1.15, §5.2.5). */
import {
  contextTag,
  type DerElement,
  DerError,
  DerReader,
  elementBytes,
  readerOf,
  TAG,
} from './der'
import { booleanValue, namedBits } from './der-values'
import { encodeSequence } from './der-writer'
import { type GeneralName, readGeneralNames } from './general-names'
import { parseName } from './names'

export type DistributionPointName =
  | { readonly kind: 'fullName'; readonly names: readonly GeneralName[] }
  /** DER of the RelativeDistinguishedName, as a SET. */
  | { readonly kind: 'relativeName'; readonly rdn: Uint8Array }

/** Bits of ReasonFlags, 1..8; bit 0 is unused. */
export type ReasonBits = ReadonlySet<number>

export const ALL_REASONS: ReasonBits = new Set([1, 2, 3, 4, 5, 6, 7, 8])

export type DistributionPoint = {
  readonly name: DistributionPointName | null
  readonly reasons: ReasonBits | null
  readonly crlIssuer: readonly GeneralName[] | null
}

export type IssuingDistributionPoint = {
  readonly name: DistributionPointName | null
  readonly onlyContainsUserCerts: boolean
  readonly onlyContainsCaCerts: boolean
  readonly onlySomeReasons: ReasonBits | null
  readonly indirectCrl: boolean
  readonly onlyContainsAttributeCerts: boolean
}

/** @throws {DerError} */
export function decodeDistributionPoints(value: Uint8Array): readonly DistributionPoint[] {
  const outer = new DerReader(value)
  const list = outer.enter(TAG.sequence, 'CRLDistributionPoints')
  outer.expectEnd('CRLDistributionPoints')
  const points: DistributionPoint[] = []
  do {
    points.push(readPoint(list.enter(TAG.sequence, 'DistributionPoint')))
    if (points.length > 256) throw new DerError('DER_TOO_LARGE', 'too many points', list.offset)
  } while (!list.isAtEnd)
  return points
}

function readPoint(fields: DerReader): DistributionPoint {
  const at = fields.offset
  const name = fields.readOptional(contextTag(0))
  const reasons = fields.readOptional(contextTag(1, false))
  const crlIssuer = fields.readOptional(contextTag(2))
  fields.expectEnd('DistributionPoint')
  // §4.2.1.13: "a DistributionPoint MUST NOT consist of only the reasons field".
  if (name === undefined && crlIssuer === undefined) {
    throw new DerError('DER_BAD_VALUE', 'DistributionPoint with neither name nor cRLIssuer', at)
  }
  return {
    name: name === undefined ? null : readPointName(name),
    reasons: reasons === undefined ? null : namedBits(reasons),
    crlIssuer: crlIssuer === undefined ? null : readGeneralNames(readerOf(crlIssuer), [4, 16]),
  }
}

function readPointName(explicit: DerElement): DistributionPointName {
  const outer = readerOf(explicit)
  const choice = outer.readAny()
  outer.expectEnd('DistributionPointName')
  if (choice.tag === contextTag(0)) {
    return { kind: 'fullName', names: readGeneralNames(readerOf(choice), [4, 16]) }
  }
  if (choice.tag !== contextTag(1)) {
    throw new DerError('DER_UNEXPECTED_TAG', 'no form of DistributionPointName', choice.start)
  }
  const rdn = Uint8Array.from(elementBytes(choice))
  rdn[0] = TAG.set
  // Read once, so that it can be compared later without surprises.
  parseName(encodeSequence(rdn))
  return { kind: 'relativeName', rdn }
}

/** @throws {DerError} also on an empty sequence, which §5.2.5 forbids. */
export function decodeIssuingDistributionPoint(value: Uint8Array): IssuingDistributionPoint {
  const outer = new DerReader(value)
  const fields = outer.enter(TAG.sequence, 'IssuingDistributionPoint')
  outer.expectEnd('IssuingDistributionPoint')
  if (fields.isAtEnd) throw new DerError('DER_BAD_VALUE', 'empty IssuingDistributionPoint', 0)
  const name = fields.readOptional(contextTag(0))
  const userCerts = readFlag(fields, 1)
  const caCerts = readFlag(fields, 2)
  const reasons = fields.readOptional(contextTag(3, false))
  const indirectCrl = readFlag(fields, 4)
  const attributeCerts = readFlag(fields, 5)
  fields.expectEnd('IssuingDistributionPoint')
  if (Number(userCerts) + Number(caCerts) + Number(attributeCerts) > 1) {
    throw new DerError('DER_BAD_VALUE', 'scopes of the CRL exclude each other', 0)
  }
  return {
    name: name === undefined ? null : readPointName(name),
    onlyContainsUserCerts: userCerts,
    onlyContainsCaCerts: caCerts,
    onlySomeReasons: reasons === undefined ? null : namedBits(reasons),
    indirectCrl,
    onlyContainsAttributeCerts: attributeCerts,
  }
}

function readFlag(fields: DerReader, number: number): boolean {
  const element = fields.readOptional(contextTag(number, false))
  if (element === undefined) return false
  if (!booleanValue(element)) {
    throw new DerError('DER_BAD_VALUE', 'FALSE is the default and not written', element.start)
  }
  return true
}
