/** SS58 addresses: text of an account id with a network prefix and a checksum. */

import { blake2b } from '@noble/hashes/blake2b'
import { fromHex, type Hex, toHex } from '../bytes'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const checksumPreimage = new TextEncoder().encode('SS58PRE')
const checksumBytes = 2
const accountBytes = 32

/** @throws {RangeError} unless the account is 32 bytes as 0x hex and the prefix a 14-bit number. */
export function encodeSs58(accountId: Hex, prefix: number): string {
  const account = fromHex(accountId)
  if (account.length !== accountBytes) throw new RangeError('not an account id')
  const body = Buffer.concat([prefixBytes(prefix), account])
  return toBase58(Buffer.concat([body, checksum(body)]))
}

/** Null for text that is no address of a 32-byte account. */
export function decodeSs58(
  text: string,
): { readonly accountId: Hex; readonly prefix: number } | null {
  if (!/^[1-9A-HJ-NP-Za-km-z]{46,50}$/.test(text)) return null
  const bytes = fromBase58(text)
  const prefixLength = (bytes[0] ?? 0xff) < 64 ? 1 : 2
  if (bytes.length !== prefixLength + accountBytes + checksumBytes) return null
  const body = bytes.subarray(0, -checksumBytes)
  if (!checksum(body).equals(bytes.subarray(-checksumBytes))) return null
  const prefix = readPrefix(body)
  return prefix === null ? null : { accountId: toHex(body.subarray(prefixLength)), prefix }
}

function prefixBytes(prefix: number): Buffer {
  if (!Number.isInteger(prefix) || prefix < 0 || prefix >= 1 << 14) {
    throw new RangeError('not an SS58 prefix')
  }
  if (prefix < 64) return Buffer.from([prefix])
  return Buffer.from([((prefix & 0xfc) >> 2) | 0x40, (prefix >> 8) | ((prefix & 0x03) << 6)])
}

function readPrefix(bytes: Uint8Array): number | null {
  const [first = 0xff, second = 0] = bytes
  if (first < 64) return first
  if (first > 127) return null
  return (((first << 2) | (second >> 6)) & 0xff) | ((second & 0x3f) << 8)
}

function checksum(body: Uint8Array): Buffer {
  const digest = blake2b(Buffer.concat([checksumPreimage, body]), { dkLen: 64 })
  return Buffer.from(digest.subarray(0, checksumBytes))
}

function toBase58(bytes: Uint8Array): string {
  let value = BigInt(toHex(bytes))
  let text = ''
  for (; value > 0n; value /= 58n) text = alphabet.charAt(Number(value % 58n)) + text
  const zeros = bytes.findIndex((byte) => byte !== 0)
  return '1'.repeat(Math.max(zeros, 0)) + text
}

function fromBase58(text: string): Buffer {
  let value = 0n
  for (const letter of text) value = value * 58n + BigInt(alphabet.indexOf(letter))
  const hex = value.toString(16)
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  return Buffer.concat([
    Buffer.alloc(zeros),
    Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'),
  ])
}
