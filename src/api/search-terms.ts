/** What a search text may be, and where a hit leads. */

import { badArgument } from './arguments'
import type { Moment } from './moment'
import type { SearchRow, SearchTerms } from './readers'
import { pemFingerprints } from './revocation-question'
import { decodeSs58 } from './ss58'
import type { SearchHit } from './types/search'

/** Longer texts are not common names anybody types. */
const MAX_TEXT = 200
const MAX_HEIGHT = 2_147_483_647

/**
 * Null for a blank text, which finds nothing.
 * @throws {AppError} BAD_USER_INPUT for texts that are too long, or a PEM that is none.
 */
export function readTerms(given: string, maxPemBytes: number): SearchTerms | null {
  const text = given.replaceAll('\0', '').trim()
  if (text === '') return null
  if (text.includes('-----BEGIN')) {
    return { ...onlyText(''), fingerprints: pemFingerprints(text, 'text', maxPemBytes) }
  }
  if (text.length > MAX_TEXT) throw badArgument('text', `longer than ${MAX_TEXT} characters`)
  const digits = text.toLowerCase().replace(/^0x/, '').replaceAll(':', '')
  const isHex = /^[0-9a-f]{1,64}$/.test(digits)
  const isWhole = isHex && digits.length === 64
  return {
    text,
    hash: isWhole ? `0x${digits}` : null,
    hashPrefix: isHex && digits.length >= 4 && !isWhole ? `0x${digits}` : null,
    serials: serialsOf(text, isHex ? digits : null),
    height: /^\d{1,10}$/.test(text) && Number(text) <= MAX_HEIGHT ? Number(text) : null,
    account: decodeSs58(text)?.accountId ?? (isWhole ? `0x${digits}` : null),
    fingerprints: isWhole ? [`0x${digits}`] : [],
  }
}

/** Nothing but the text is looked for. */
export function onlyText(text: string): SearchTerms {
  return {
    text,
    hash: null,
    hashPrefix: null,
    serials: [],
    height: null,
    account: null,
    fingerprints: [],
  }
}

/** Viewers show serials in hex and in decimal. */
function serialsOf(text: string, digits: string | null): string[] {
  const hex = digits === null ? [] : [`0x${digits.replace(/^0+(?=.)/, '')}`]
  const decimal = /^\d{1,78}$/.test(text) ? [`0x${BigInt(text).toString(16)}`] : []
  return [...hex, ...decimal]
}

export function toHit(row: SearchRow, moment: Moment): SearchHit {
  return {
    kind: row.kind,
    label: row.label,
    path: pathOf(row),
    matched: row.matched,
    autoIdId: row.autoId,
    certificateId: row.certificateId,
    height: row.height,
    moment,
  }
}

function pathOf({ kind, key }: SearchRow): string {
  switch (kind) {
    case 'AUTO_ID':
      return `/autoid/${key}`
    case 'CERTIFICATE':
      return `/certificate/${key}`
    case 'PUBLIC_KEY':
      return `/autoids?key=${key}`
    case 'BLOCK':
      return `/block/${key}`
    case 'EXTRINSIC':
      return `/extrinsic/${key}`
    case 'ACCOUNT':
      return `/events?signer=${key}`
  }
}
