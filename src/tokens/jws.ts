/** Compact JWS by an Auto ID's key (RFC 7515, 7518, 8037): algorithms by key, verification by `jose`. */
import { createPublicKey } from 'node:crypto'
import { compactVerify, decodeProtectedHeader, errors, type ProtectedHeaderParameters } from 'jose'
import type { Hex } from '../bytes'
import { forgeableBecause, publicKeyInfo } from '../pki/public-key'

/** Signature algorithms a key may be used with; none for keys JOSE has no algorithm for, and for those under which anybody can sign. */
export function jwsAlgorithmsOf(spki: Uint8Array): readonly string[] {
  const { algorithm, bits } = publicKeyInfo(spki)
  if (forgeableBecause(spki) !== null) return []
  switch (algorithm) {
    case 'RSA':
      // RFC 7518 §3.3 wants 2048 bits or more.
      return (bits ?? 0) < 2048 ? [] : ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
    case 'EC-P256':
      return ['ES256']
    case 'EC-P384':
      return ['ES384']
    case 'EC-P521':
      return ['ES512']
    case 'Ed25519':
      return ['EdDSA', 'Ed25519']
    default:
      return []
  }
}

export type DecodedJws = {
  readonly header: ProtectedHeaderParameters
  /** The JSON object in the payload. Not verified. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Objects and lists inside each other. Tokens need three or four; what is deeper breaks whoever walks it. */
const MAX_JSON_DEPTH = 32

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

/**
 * Texts where texts belong, and no extension: with `b64` (RFC 7797, not for JWTs by its §7) the signature would be over
 * other bytes than the ones read here, and what else is critical nobody here understands.
 */
function isPlain(header: ProtectedHeaderParameters): boolean {
  if ('crit' in header || 'b64' in header) return false
  const { alg, typ, kid }: Readonly<Record<string, unknown>> = header
  return [alg, typ, kid].every((value) => value === undefined || typeof value === 'string')
}

/** Reads without verifying; null when it is no compact JWS over a JSON object of bounded depth. */
export function decodeJws(token: string): DecodedJws | null {
  const parts = token.split('.')
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return null
  try {
    const header = decodeProtectedHeader(token)
    if (!isPlain(header)) return null
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'))
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return null
    if (isDeeper(claims, MAX_JSON_DEPTH)) return null
    return { header, claims: claims as Record<string, unknown> }
  } catch {
    return null
  }
}

export type JwsOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string }

/** Only algorithms that suit the key count; keys inside the header are ignored. */
export async function verifyJws(token: string, spki: Uint8Array): Promise<JwsOutcome> {
  const algorithms = [...jwsAlgorithmsOf(spki)]
  if (algorithms.length === 0) return { ok: false, message: 'no JOSE algorithm for this key' }
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    await compactVerify(token, key, { algorithms })
    return { ok: true }
  } catch (error) {
    if (!(error instanceof errors.JOSEError) && !(error instanceof TypeError)) {
      return { ok: false, message: 'the key cannot be used' }
    }
    return { ok: false, message: error.message }
  }
}

const ID = /^0x[0-9a-f]{64}$/

/** The Auto ID an `iss` or `sub` names: the id itself, an issuer URL ending in `/autoid/{id}`, or a did:web of it. */
export function autoIdOf(name: unknown): Hex | null {
  if (typeof name !== 'string' || name.length > 2_048) return null
  const last = name.split(/\/autoid\/|:autoid:/).pop() ?? ''
  return ID.test(last) ? last : null
}
