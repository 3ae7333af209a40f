/** Strict, bounded, zero-copy reading of DER (X.690 §8, §10, §11). Every verdict rests on this reader. */

export type DerErrorCode =
  /** Bytes end before the element does. */
  | 'DER_TRUNCATED'
  /** Indefinite, non-minimal or oversized length. */
  | 'DER_BAD_LENGTH'
  /** Another tag than the grammar wants, or a high tag number. */
  | 'DER_UNEXPECTED_TAG'
  /** Bytes follow where the grammar ends. */
  | 'DER_TRAILING_DATA'
  /** The contents break the rules of their type. */
  | 'DER_BAD_VALUE'
  /** More elements or bytes than a certificate can sensibly have. */
  | 'DER_TOO_LARGE'

/** Bytes that are not the DER the grammar wants. `offset` counts from the start of the outermost bytes. */
export class DerError extends Error {
  override readonly name = 'DerError'

  constructor(
    readonly code: DerErrorCode,
    message: string,
    readonly offset: number,
  ) {
    super(`${message} (at byte ${offset})`)
  }
}

/** Identifier octets of the universal types X.509 uses. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** Identifier octet of context-specific tag [n]. */
export function contextTag(number: number, isConstructed = true): number {
  return (isConstructed ? 0xa0 : 0x80) | number
}

/** Where one element lies in `bytes`: identifier at `start`, contents from `contentStart` up to `end`. */
export type DerElement = {
  readonly bytes: Uint8Array
  readonly tag: number
  readonly start: number
  readonly contentStart: number
  readonly end: number
}

/** The element's whole encoding, without copying. */
export function elementBytes(element: DerElement): Uint8Array {
  return element.bytes.subarray(element.start, element.end)
}

/** The element's contents octets, without copying. */
export function contentBytes(element: DerElement): Uint8Array {
  return element.bytes.subarray(element.contentStart, element.end)
}

/** Walks the elements of one level. Lengths are definite and minimal, and never pass the parent's end. */
export class DerReader {
  private position: number

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    readonly end: number = bytes.length,
  ) {
    this.position = start
  }

  get offset(): number {
    return this.position
  }

  get isAtEnd(): boolean {
    return this.position >= this.end
  }

  /** The next identifier octet, or -1 at the end. */
  peekTag(): number {
    return this.position < this.end ? (this.bytes[this.position] as number) : -1
  }

  /** @throws {DerError} when no well-formed element follows. */
  readAny(): DerElement {
    const { bytes, end } = this
    const start = this.position
    if (start + 2 > end) throw new DerError('DER_TRUNCATED', 'element cut short', start)
    const tag = bytes[start] as number
    if ((tag & 0xdf) === 0) {
      throw new DerError('DER_UNEXPECTED_TAG', 'end-of-contents octets are not DER', start)
    }
    if ((tag & 0x1f) === 0x1f) {
      throw new DerError('DER_UNEXPECTED_TAG', 'high tag numbers are not used here', start)
    }
    const first = bytes[start + 1] as number
    const contentStart = first < 0x80 ? start + 2 : start + 2 + (first & 0x7f)
    const length = first < 0x80 ? first : this.readLongLength(start + 2, first & 0x7f)
    if (length > end - contentStart) {
      throw new DerError('DER_TRUNCATED', 'element longer than its container', start)
    }
    this.position = contentStart + length
    return { bytes, tag, start, contentStart, end: this.position }
  }

  /** @throws {DerError} when the next element has another tag. */
  read(tag: number, what: string): DerElement {
    if (this.peekTag() !== tag) {
      const found = this.isAtEnd ? 'the end' : `tag 0x${this.peekTag().toString(16)}`
      throw new DerError(
        this.isAtEnd ? 'DER_TRUNCATED' : 'DER_UNEXPECTED_TAG',
        `${what}: expected tag 0x${tag.toString(16)}, found ${found}`,
        this.position,
      )
    }
    return this.readAny()
  }

  readOptional(tag: number): DerElement | undefined {
    return this.peekTag() === tag ? this.readAny() : undefined
  }

  /** A reader over the contents of the next element. */
  enter(tag: number, what: string): DerReader {
    return readerOf(this.read(tag, what))
  }

  expectEnd(what: string): void {
    if (!this.isAtEnd) {
      throw new DerError('DER_TRAILING_DATA', `${what}: unexpected bytes after it`, this.position)
    }
  }

  private readLongLength(at: number, octets: number): number {
    if (octets === 0 || octets > 4) {
      throw new DerError('DER_BAD_LENGTH', 'indefinite or oversized length', at - 1)
    }
    if (at + octets > this.end) throw new DerError('DER_TRUNCATED', 'length cut short', at)
    let length = 0
    for (let index = 0; index < octets; index++) {
      length = length * 256 + (this.bytes[at + index] as number)
    }
    if (length < 0x80 || length < 256 ** (octets - 1)) {
      throw new DerError('DER_BAD_LENGTH', 'length is not in its shortest form', at - 1)
    }
    return length
  }
}

/** A reader over the contents of a constructed element. */
export function readerOf(element: DerElement): DerReader {
  return new DerReader(element.bytes, element.contentStart, element.end)
}

/** The only element of `bytes`. @throws {DerError} when bytes are missing or left over. */
export function readSingle(bytes: Uint8Array, tag: number, what: string): DerElement {
  const reader = new DerReader(bytes)
  const element = reader.read(tag, what)
  reader.expectEnd(what)
  return element
}
