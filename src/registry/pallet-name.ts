/** Distinguished names as x509-parser 0.18 reads them. */
import { equalBytes } from '../bytes'
import {
  contentOf,
  enter,
  isAtEnd,
  type LaxCursor,
  orUndefined,
  readAny,
  readOidContent,
  readTag,
  wholeOf,
} from './pallet-der'

const SEQUENCE = 16
const SET = 17
const COMMON_NAME = Uint8Array.of(0x55, 0x04, 0x03)

export type LaxName = {
  /** The element with its header. */
  readonly raw: Uint8Array
  /** Values of the CNs in order, with the tag number of their type. */
  readonly commonNames: readonly { readonly tag: number; readonly value: Uint8Array }[]
}

/** Reading stops at the first RDN, and in it at the first attribute, that does not parse; the rest is ignored. */
export function readLaxName(fields: LaxCursor): LaxName {
  const element = readTag(fields, SEQUENCE, 'Name')
  const rdns = enter(element)
  const commonNames: { tag: number; value: Uint8Array }[] = []
  while (!isAtEnd(rdns)) {
    const attributes = orUndefined(() => enter(readTag(rdns, SET, 'RelativeDistinguishedName')))
    if (attributes === undefined || !readAttributes(attributes, commonNames)) break
  }
  return { raw: wholeOf(element), commonNames }
}

/** False when not even one attribute parses: then the RDN does not. */
function readAttributes(
  attributes: LaxCursor,
  commonNames: { tag: number; value: Uint8Array }[],
): boolean {
  let isAnyRead = false
  while (!isAtEnd(attributes)) {
    const attribute = orUndefined(() => {
      const inner = enter(readTag(attributes, SEQUENCE, 'AttributeTypeAndValue'))
      return { type: readOidContent(inner), value: readAny(inner) }
    })
    if (attribute === undefined) break
    isAnyRead = true
    if (equalBytes(attribute.type, COMMON_NAME)) {
      commonNames.push({ tag: attribute.value.tag, value: contentOf(attribute.value) })
    }
  }
  return isAnyRead
}
