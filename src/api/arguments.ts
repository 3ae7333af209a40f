/** Arguments made canonical, or refused by name. */

import { isHash32 } from '../bytes'
import { AppError } from '../errors'
import { decodeSs58 } from './ss58'

export function badArgument(argument: string, message: string): AppError {
  return new AppError('BAD_USER_INPUT', `${argument}: ${message}`, { argument })
}

/** An identifier or a hash: 32 bytes as 0x hex, in lower case. */
export function hash32(text: string, argument: string): string {
  const lower = text.trim().toLowerCase()
  if (!isHash32(lower)) throw badArgument(argument, 'expected 32 bytes as 0x and 64 hex digits')
  return lower
}

/** As `hash32`; also bare, and with colons between the bytes, as openssl prints fingerprints. */
export function fingerprint(text: string, argument: string): string {
  const digits = text.trim().toLowerCase().replace(/^0x/, '').replaceAll(':', '')
  return hash32(`0x${digits}`, argument)
}

/** 0x hex without leading zeros. */
export function serial(text: string, argument: string): string {
  const match = /^0x0*([0-9a-f]{1,64})$/.exec(text.trim().toLowerCase())
  if (match === null) throw badArgument(argument, 'expected a serial as 0x and 1 to 64 hex digits')
  return `0x${match[1]}`
}

/** An account as 0x hex or SS58 text of any network; the account id. */
export function account(text: string, argument: string): string {
  const trimmed = text.trim()
  const decoded = decodeSs58(trimmed)
  if (decoded !== null) return decoded.accountId
  const lower = trimmed.toLowerCase()
  if (!isHash32(lower)) throw badArgument(argument, 'expected an account as SS58 or 0x hex')
  return lower
}

/** `check` of a value that is there; null and undefined stay away. */
export function optional<T, R>(
  value: T | null | undefined,
  argument: string,
  check: (value: T, argument: string) => R,
): R | null {
  return value == null ? null : check(value, argument)
}

/** Postgres text holds no NUL, and longer texts than this match nothing worth finding. */
export function text(value: string, argument: string): string {
  if (value.length > 1_000) throw badArgument(argument, 'longer than 1000 characters')
  if (value.includes('\0')) throw badArgument(argument, 'holds a NUL character')
  return value
}

/** Block heights; negative ones match nothing and are refused. */
export function height(value: number, argument: string): number {
  if (value < 0) throw badArgument(argument, 'expected a block height from 0')
  return value
}
