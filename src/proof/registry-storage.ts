/**
 * The registry's own storage: keys and values of `AutoId.AutoIds` and `AutoId.CertificateRevocationList`, and of the
 * events of a block. Values are decoded by the layout of `pallet-auto-id`; other bytes are refused, never guessed at.
 */

import { type Hex, littleEndianToBigInt, toHex } from '../bytes'
import type { StoredEntry } from '../registry/types'
import { readCompact } from './compact'

/** twox128("AutoId") ++ twox128("AutoIds"); the Identity-hashed key follows as it is. */
export const AUTO_IDS_PREFIX = '0x50a67f2e65d5bd52196f5ee48d122fadd531e77e81c4471853a7c1afdcc6731a'
/** twox128("AutoId") ++ twox128("CertificateRevocationList"). */
export const REVOCATION_LIST_PREFIX =
  '0x50a67f2e65d5bd52196f5ee48d122fad496b7185c442fe581bceac3733673658'
/** twox128("System") ++ twox128("Events" | "EventCount" | "EventSegments"). */
export const EVENTS_KEY = '0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7'
export const EVENT_COUNT_KEY = '0x26aa394eea5630e07c48ae0c9558cef70a98fdbe9ce6c55837576c60c7af3850'
const EVENT_SEGMENTS_PREFIX = '0x26aa394eea5630e07c48ae0c9558cef7e8987a49a73dd04c1ef3ce2ddb79e6ee'

/** Key of an entry of `AutoIds`. */
export function autoIdKey(autoId: Hex): Hex {
  return AUTO_IDS_PREFIX + autoId.slice(2)
}

/** Key of an issuer's list in `CertificateRevocationList`. */
export function revocationListKey(issuerId: Hex): Hex {
  return REVOCATION_LIST_PREFIX + issuerId.slice(2)
}

/** Identity hasher over a u32: four bytes, little-endian. */
export function eventSegmentKey(index: number): Hex {
  const key = new Uint8Array(4)
  new DataView(key.buffer).setUint32(0, index, true)
  return EVENT_SEGMENTS_PREFIX + toHex(key).slice(2)
}

class Reader {
  private offset = 0
  constructor(private readonly bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    if (this.offset + length > this.bytes.length) throw new RangeError('storage value truncated')
    this.offset += length
    return this.bytes.subarray(this.offset - length, this.offset)
  }

  byte(): number {
    return this.take(1)[0] as number
  }

  length(): number {
    const read = readCompact(this.bytes, this.offset)
    this.offset = read.next
    return read.value
  }

  u256(): bigint {
    return littleEndianToBigInt(this.take(32))
  }

  /** Unix milliseconds as u64; safe integers only. */
  moment(): number {
    const value = Number(littleEndianToBigInt(this.take(8)))
    if (!Number.isSafeInteger(value)) throw new RangeError('a time past 2^53 milliseconds')
    return value
  }

  vec(): Uint8Array {
    return this.take(this.length())
  }

  set(): bigint[] {
    const count = this.length()
    if (count * 32 > this.bytes.length) throw new RangeError('storage value truncated')
    return Array.from({ length: count }, () => this.u256())
  }

  end(): void {
    if (this.offset !== this.bytes.length) throw new RangeError('bytes after the storage value')
  }
}

/**
 * `AutoId::X509(X509Certificate{issuer_id, serial, subject_common_name, subject_public_key_info, validity, raw,
 * issued_serials, nonce})`.
 *
 * @throws {RangeError} on any other layout
 */
export function decodeAutoId(autoId: Hex, value: Uint8Array): StoredEntry {
  const reader = new Reader(value)
  if (reader.byte() !== 0) throw new RangeError('not an X509 entry')
  const option = reader.byte()
  if (option > 1) throw new RangeError('not an Option<issuer_id>')
  const issuerId = option === 1 ? toHex(reader.take(32)) : null
  const entry: StoredEntry = {
    autoId,
    issuerId,
    serial: reader.u256(),
    subjectCommonName: reader.vec(),
    subjectPublicKeyInfo: reader.vec(),
    notBefore: reader.moment(),
    notAfter: reader.moment(),
    raw: reader.vec(),
    issuedSerials: reader.set(),
    nonce: reader.u256(),
  }
  reader.end()
  return entry
}

/** `BTreeSet<U256>`. @throws {RangeError} on any other layout */
export function decodeRevocationList(value: Uint8Array): bigint[] {
  const reader = new Reader(value)
  const serials = reader.set()
  reader.end()
  return serials
}

/** The identifier a key of either map ends with. @throws {RangeError} when the key is not of these maps */
export function autoIdOfKey(key: Hex): Hex {
  const known = key.startsWith(AUTO_IDS_PREFIX) || key.startsWith(REVOCATION_LIST_PREFIX)
  if (!known || key.length !== AUTO_IDS_PREFIX.length + 64) {
    throw new RangeError(`not a registry key: ${key.slice(0, 80)}`)
  }
  return `0x${key.slice(-64)}`
}

/** `System.EventCount`: u32, little-endian. */
export function decodeEventCount(value: Uint8Array): number {
  if (value.length !== 4) throw new RangeError('EventCount is not a u32')
  return Number(littleEndianToBigInt(value))
}
