import { parseAsn1 } from './asn1'
import { toBase64 } from './bytes'

/**
 * DER certificates, each once, with the one that issued none of the others first; as given where there is no such one,
 * or more. Only names are compared: what the others are worth is for the service to say.
 */
export function leafFirst(given: readonly Uint8Array[]): readonly Uint8Array[] {
  const ders = [...new Map(given.map((der) => [toBase64(der), der])).values()]
  const issuers = ders.map((der) => partOf(der, ISSUER))
  const leaves = ders.filter((der, at) => {
    const subject = partOf(der, SUBJECT)
    return subject !== undefined && !issuers.some((issuer, of) => of !== at && issuer === subject)
  })
  const [leaf, ...others] = leaves
  if (leaf === undefined || others.length > 0) return ders
  return [leaf, ...ders.filter((der) => der !== leaf)]
}

/** Places in the TBSCertificate after the optional version (RFC 5280 §4.1). */
const ISSUER = 2
const SUBJECT = 4
const VERSION_TAG = 0xa0

function partOf(der: Uint8Array, place: number): string | undefined {
  const parts = parseAsn1(der)?.[0]?.children[0]?.children ?? []
  const node = parts.filter(({ tag }, at) => at > 0 || tag !== VERSION_TAG)[place]
  if (node === undefined) return undefined
  return toBase64(der.subarray(node.offset, node.offset + node.headerLength + node.length))
}
