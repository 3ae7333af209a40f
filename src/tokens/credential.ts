/** What a W3C credential in a JWT says of itself: inside `vc` (VC-JWT 1.1 §6.3.1), or as the claims (VC-JOSE-COSE). */
import type { Hex } from '../bytes'
import { autoIdOf } from './jws'

type Members = Readonly<Record<string, unknown>>

export const CREDENTIAL_TYPE = 'VerifiableCredential'
const SKEW_MS = 60_000
/** XMLSchema's dateTimeStamp, which has a zone. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

export function credentialOf(claims: Members): Members {
  return (claims['vc'] as Members | null | undefined) ?? claims
}

export function typesOf(claims: Members): readonly string[] {
  const types: unknown[] = [credentialOf(claims)['type'] ?? []].flat()
  return types.filter((type) => typeof type === 'string')
}

/** Why it is no credential about this subject by this issuer at this time, in words; null when it is. */
export function contentFaultOf(
  claims: Members,
  subject: Hex,
  issuer: Hex | null,
  clockMs: number,
): string | null {
  if (!typesOf(claims).includes(CREDENTIAL_TYPE))
    return `it is no credential: its type is not ${CREDENTIAL_TYPE}`
  const subjects = subjectsOf(claims)
  if (subjects.length === 0 || subjects.some((one) => one !== subject))
    return 'it is about somebody else'
  const { issuer: named } = credentialOf(claims)
  if (issuer !== null && named !== undefined && autoIdOf(idOf(named) ?? named) !== issuer)
    return 'it names another issuer than iss'
  return timeFaultOf(claims, clockMs)
}

/** Has it a status of its own, which nobody here looks up? */
export function hasStatus(claims: Members): boolean {
  return claims['status'] !== undefined || credentialOf(claims)['credentialStatus'] !== undefined
}

/** Everybody it names as its subject; null for what is no Auto ID. */
function subjectsOf(claims: Members): (Hex | null)[] {
  const inside: unknown[] = [credentialOf(claims)['credentialSubject'] ?? []].flat()
  const named = inside.map((one) => (typeof one === 'object' && one !== null ? idOf(one) : null))
  const { sub } = claims
  return [...(sub === undefined ? [] : [sub]), ...named]
    .filter((one) => one !== undefined)
    .map(autoIdOf)
}

function idOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Members)['id'] : undefined
}

/** The dates of the JWT and those of the credential, of either data model, all count. */
function timeFaultOf(claims: Members, clockMs: number): string | null {
  const { validFrom, issuanceDate, validUntil, expirationDate } = credentialOf(claims)
  const from = [secondsOf(claims['nbf']), timeOf(validFrom), timeOf(issuanceDate)]
  const until = [secondsOf(claims['exp']), timeOf(validUntil), timeOf(expirationDate)]
  if ([...from, ...until].some(Number.isNaN)) return 'one of its dates is none'
  if (until.some((ms) => ms !== undefined && clockMs >= ms)) return 'it is over'
  if (from.some((ms) => ms !== undefined && clockMs + SKEW_MS < ms)) return 'it is not valid yet'
  return null
}

/** Milliseconds since the epoch; NaN for what is no number of seconds. */
function secondsOf(value: unknown): number | undefined {
  if (value === undefined) return undefined
  return typeof value === 'number' ? value * 1000 : Number.NaN
}

/** Milliseconds since the epoch; NaN for what is no time. */
function timeOf(value: unknown): number | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : Number.NaN
}
