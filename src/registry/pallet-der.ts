/**
 * DER as `asn1-rs` 0.7 (under x509-parser 0.18) reads it, which is what the chain accepts: non-minimal lengths pass, most
 * tags are compared by number alone, and bytes left in a container are ignored. Never use it to decide about trust: the
 * strict reader is `pki/der`.
 */

/** Bytes the pallet's parser refuses; the pallet answers InvalidCertificate or InvalidSignature. */
export class PalletParseError extends Error {
  override readonly name = 'PalletParseError'
}

/** 0 universal, 1 application, 2 context-specific, 3 private. */
const CONTEXT_SPECIFIC = 2

/** Where an element lies in `bytes`; `tag` is the number without class and constructed bit. */
export type LaxElement = {
  readonly bytes: Uint8Array
  readonly tagClass: number
  readonly isConstructed: boolean
  readonly tag: number
  readonly start: number
  readonly contentStart: number
  readonly end: number
}

/** A position inside one container. */
export type LaxCursor = { readonly bytes: Uint8Array; at: number; readonly end: number }

export function cursorOver(bytes: Uint8Array): LaxCursor {
  return { bytes, at: 0, end: bytes.length }
}

export function enter(element: LaxElement): LaxCursor {
  return { bytes: element.bytes, at: element.contentStart, end: element.end }
}

export function contentOf(element: LaxElement): Uint8Array {
  return element.bytes.subarray(element.contentStart, element.end)
}

/** The element with its header. */
export function wholeOf(element: LaxElement): Uint8Array {
  return element.bytes.subarray(element.start, element.end)
}

export function isAtEnd(cursor: LaxCursor): boolean {
  return cursor.at >= cursor.end
}

/**
 * The next element, definite length only.
 * @see asn1-rs header.rs `Header::from_der`, any.rs `parse_der_any`
 * @throws {PalletParseError}
 */
export function readAny(cursor: LaxCursor): LaxElement {
  const { bytes, at: start, end } = cursor
  const header = readHeader(bytes, start, end)
  if (header.length > end - header.contentStart) throw new PalletParseError('element cut short')
  cursor.at = header.contentStart + header.length
  const { tagClass, isConstructed, tag, contentStart } = header
  // Written out: a spread here costs more than the rest of the parser, on the path of every registration.
  return { bytes, tagClass, isConstructed, tag, start, contentStart, end: cursor.at }
}

/** The next element, which must carry this tag number; its class and constructed bit do not matter. */
export function readTag(cursor: LaxCursor, tag: number, what: string): LaxElement {
  const element = readAny(cursor)
  if (element.tag !== tag) throw new PalletParseError(`${what}: unexpected tag ${element.tag}`)
  return element
}

/** The next element when it has this context-specific tag; the same number in another class is an error. */
export function readOptionalTagged(cursor: LaxCursor, tag: number): LaxElement | undefined {
  if (isAtEnd(cursor)) return undefined
  const start = cursor.at
  const element = readAny(cursor)
  if (element.tag !== tag) {
    cursor.at = start
    return undefined
  }
  if (element.tagClass !== CONTEXT_SPECIFIC) throw new PalletParseError(`[${tag}] of another class`)
  return element
}

/**
 * Contents of an OBJECT IDENTIFIER. asn1-rs compares contents only: any primitive element passes.
 * @see asn1-rs oid.rs `TryFrom<&Any> for Oid`
 */
export function readOidContent(cursor: LaxCursor): Uint8Array {
  const element = readAny(cursor)
  if (element.isConstructed) throw new PalletParseError('constructed OBJECT IDENTIFIER')
  return contentOf(element)
}

/**
 * A cursor behind the header of the next element, up to the end of its container: x509-parser does not hold the
 * contents of `[3]` to the length `[3]` states.
 */
export function afterHeader(cursor: LaxCursor, tag: number, what: string): LaxCursor {
  const header = readHeader(cursor.bytes, cursor.at, cursor.end)
  if (header.tag !== tag) throw new PalletParseError(`${what}: unexpected tag ${header.tag}`)
  return { bytes: cursor.bytes, at: header.contentStart, end: cursor.end }
}

type Header = Pick<LaxElement, 'tagClass' | 'isConstructed' | 'tag' | 'contentStart'> & {
  readonly length: number
}

function readHeader(bytes: Uint8Array, start: number, end: number): Header {
  const first = byteAt(bytes, start, end)
  let at = start + 1
  let tag = first & 0x1f
  if (tag === 0x1f) {
    tag = 0
    let octet: number
    do {
      if (at - start > 5) throw new PalletParseError('tag number too long')
      octet = byteAt(bytes, at, end)
      tag = ((tag << 7) | (octet & 0x7f)) >>> 0
      at += 1
    } while (octet >= 0x80)
  }
  const { length, contentStart } = readLength(bytes, at, end)
  const isConstructed = (first & 0x20) !== 0
  return { tagClass: first >> 6, isConstructed, tag, contentStart, length }
}

function readLength(
  bytes: Uint8Array,
  at: number,
  end: number,
): { length: number; contentStart: number } {
  const first = byteAt(bytes, at, end)
  if (first < 0x80) return { length: first, contentStart: at + 1 }
  if (first === 0x80) throw new PalletParseError('indefinite length')
  if (first === 0xff) throw new PalletParseError('reserved length')
  const contentStart = at + 1 + (first & 0x7f)
  let length = 0
  for (let index = at + 1; index < contentStart; index++) {
    length = length * 256 + byteAt(bytes, index, end)
    if (length > Number.MAX_SAFE_INTEGER) throw new PalletParseError('length too large')
  }
  return { length, contentStart }
}

function byteAt(bytes: Uint8Array, at: number, end: number): number {
  const value = at < end ? bytes[at] : undefined
  if (value === undefined) throw new PalletParseError('bytes end too early')
  return value
}

/** Undefined where the parser would give up on this part and go on (nom's `many0(complete(…))`). */
export function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof PalletParseError) return undefined
    throw error
  }
}
