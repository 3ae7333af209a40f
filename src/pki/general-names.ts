/** GeneralName (RFC 5280 §4.2.1.6), as SAN, name constraints, distribution points and AIA carry it. */
import { latin1 } from '../bytes'
import {
  contentBytes,
  type DerElement,
  DerError,
  type DerReader,
  elementBytes,
  readerOf,
  TAG,
} from './der'
import { oidValue } from './der-values'
import { readName } from './names'

export type GeneralName =
  | { readonly kind: 'otherName'; readonly oid: string; readonly der: Uint8Array }
  | { readonly kind: 'rfc822Name'; readonly value: string }
  | { readonly kind: 'dNSName'; readonly value: string }
  | { readonly kind: 'x400Address'; readonly der: Uint8Array }
  /** `name` is the DER Name. */
  | { readonly kind: 'directoryName'; readonly name: Uint8Array }
  | { readonly kind: 'ediPartyName'; readonly der: Uint8Array }
  | { readonly kind: 'uniformResourceIdentifier'; readonly value: string }
  /** 4 or 16 octets; in name constraints address and mask, so 8 or 32. */
  | { readonly kind: 'iPAddress'; readonly octets: Uint8Array }
  | { readonly kind: 'registeredID'; readonly oid: string }

export type GeneralNameKind = GeneralName['kind']

/** Quadratic work on names is what nc-dos cases are about; 4,096 is above every certificate in use. */
const MAX_NAMES = 4096

/** GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName. @throws {DerError} */
export function readGeneralNames(list: DerReader, addressOctets: readonly number[]): GeneralName[] {
  if (list.isAtEnd) throw new DerError('DER_BAD_VALUE', 'empty GeneralNames', list.offset)
  const names: GeneralName[] = []
  while (!list.isAtEnd) {
    if (names.length >= MAX_NAMES)
      throw new DerError('DER_TOO_LARGE', 'too many names', list.offset)
    names.push(readGeneralName(list.readAny(), addressOctets))
  }
  return names
}

/** @param addressOctets lengths an iPAddress may have here. @throws {DerError} */
export function readGeneralName(
  element: DerElement,
  addressOctets: readonly number[],
): GeneralName {
  switch (element.tag) {
    case 0xa0: {
      const fields = readerOf(element)
      const oid = oidValue(fields.read(TAG.oid, 'otherName type-id'))
      const value = fields.enter(0xa0, 'otherName value')
      value.readAny()
      value.expectEnd('otherName value')
      fields.expectEnd('otherName')
      return { kind: 'otherName', oid, der: elementBytes(element) }
    }
    case 0x81:
      return { kind: 'rfc822Name', value: asciiText(element) }
    case 0x82:
      return { kind: 'dNSName', value: asciiText(element) }
    case 0xa3:
      return { kind: 'x400Address', der: elementBytes(element) }
    case 0xa4:
      return { kind: 'directoryName', name: readDirectoryName(element) }
    case 0xa5:
      return { kind: 'ediPartyName', der: elementBytes(element) }
    case 0x86:
      return { kind: 'uniformResourceIdentifier', value: asciiText(element) }
    case 0x87:
      return { kind: 'iPAddress', octets: readAddress(element, addressOctets) }
    case 0x88:
      return { kind: 'registeredID', oid: oidValue(element) }
    default:
      throw new DerError('DER_UNEXPECTED_TAG', 'no form of GeneralName', element.start)
  }
}

function asciiText(element: DerElement): string {
  const bytes = contentBytes(element)
  for (const byte of bytes) {
    if (byte >= 0x80) {
      throw new DerError('DER_BAD_VALUE', 'IA5String that is not ASCII', element.start)
    }
  }
  return latin1(bytes)
}

function readDirectoryName(element: DerElement): Uint8Array {
  // Name is a CHOICE, so the implicit tag becomes explicit (X.680 §31.2.7).
  const inner = readerOf(element)
  const name = inner.read(TAG.sequence, 'directoryName')
  inner.expectEnd('directoryName')
  readName(name)
  return elementBytes(name)
}

function readAddress(element: DerElement, addressOctets: readonly number[]): Uint8Array {
  const octets = contentBytes(element)
  if (!addressOctets.includes(octets.length)) {
    throw new DerError('DER_BAD_VALUE', `iPAddress of ${octets.length} octets`, element.start)
  }
  return octets
}
