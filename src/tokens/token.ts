/**
 * Tokens of Auto IDs: JWTs signed by an identity's key, with delegation by nested signatures. A token carries its
 * grantor's token in `grant`; scopes may only shrink, lifetimes nest, every link is verified. See docs/tokens.md.
 */
import { equalBytes, type Hex } from '../bytes'
import { AppError } from '../errors'
import {
  type AsOf,
  anchorFault,
  DOUBTFUL_ANCHOR,
  type IdentityAt,
  type Moment,
  type ReadIdentity,
} from './identity'
import { autoIdOf, type DecodedJws, decodeJws, verifyJws } from './jws'
import { PROVENANCE_TYPE } from './proof-format'

/** Links of one chain of authority. Each is a signature and a path to verify. */
export const MAX_LINKS = 8
/** Characters of the outermost token, grants included. */
export const MAX_TOKEN_CHARACTERS = 65_536
/** Clocks of signers differ. */
const SKEW_SECONDS = 60

export type TokenCode =
  | 'TOKEN_MALFORMED'
  | 'TOKEN_TOO_DEEP'
  | 'TOKEN_ISSUER_UNKNOWN'
  | 'TOKEN_ISSUER_NOT_GOOD'
  | 'TOKEN_ISSUER_UNDETERMINED'
  | 'TOKEN_SIGNATURE'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_NOT_YET_VALID'
  | 'TOKEN_AUDIENCE'
  | 'TOKEN_ANCHOR'
  /** It was issued by somebody the grant does not name. */
  | 'TOKEN_NOT_GRANTEE'
  | 'TOKEN_SCOPE_EXCEEDS'
  | 'TOKEN_LIFETIME_EXCEEDS'

export type TokenFault = {
  readonly code: TokenCode
  readonly message: string
  /** Which link: 0 is the token itself, the next ones its grants. */
  readonly link: number
}

export type TokenLink = {
  readonly issuer: Hex
  readonly subject: string | null
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly trustAnchor: Hex | null
}

export type TokenVerification = {
  readonly verdict: 'VALID' | 'INVALID' | 'INDETERMINATE'
  readonly faults: readonly TokenFault[]
  /** The chain of authority, the token itself first, whoever granted first last. Only links that could be read. */
  readonly authority: readonly TokenLink[]
  readonly claims: Readonly<Record<string, unknown>> | null
  readonly asOf: AsOf | null
}

export type TokenQuestion = {
  readonly jwt: string
  readonly at: Moment
  /** The clock `at` stands for, milliseconds since the epoch. */
  readonly clockMs: number
  /** Who asks: must be in `aud` of every link that has one, and of the token itself. Null: not asked. */
  readonly audience: string | null
  /** Roots that count; null: any. */
  readonly trustAnchors: readonly Hex[] | null
}

type Claims = Readonly<Record<string, unknown>>
type ReadLink = TokenLink & {
  readonly claims: Claims
  readonly jwt: string
  readonly notBeforeMs: number
}

/**
 * Every link of a delegated token at the asked moment: signature, issuer, dates, audience, and what its grant allows. Not
 * checked: replay, and which scopes an issuer may hand out (docs/tokens.md).
 */
export async function verifyToken(
  question: TokenQuestion,
  readIdentity: ReadIdentity,
): Promise<TokenVerification> {
  const { links, faults } = readLinks(question.jwt)
  let asOf: AsOf | null = null
  const judged: TokenLink[] = []
  for (const [index, link] of links.entries()) {
    const identity = await readIdentity(link.issuer, question.at)
    asOf ??= identity?.asOf ?? null
    faults.push(...(await judgeLink(link, index, identity, question)))
    faults.push(...(await judgeIssuance(link, index, identity, question, readIdentity)))
    const grant = links[index + 1]
    if (grant !== undefined) faults.push(...judgeGrant(link, grant, index))
    judged.push(publicPart(link, identity))
  }
  return {
    verdict: verdictOf(faults),
    faults,
    authority: judged,
    claims: links[0]?.claims ?? null,
    asOf,
  }
}

function publicPart(link: ReadLink, identity: IdentityAt | null): TokenLink {
  const { issuer, subject, scope, audience, issuedAtMs, expiresAtMs } = link
  const trustAnchor = identity?.trustAnchor ?? null
  return { issuer, subject, scope, audience, issuedAtMs, expiresAtMs, trustAnchor }
}

function verdictOf(faults: readonly TokenFault[]): TokenVerification['verdict'] {
  if (faults.length === 0) return 'VALID'
  return faults.every(({ code }) => code === 'TOKEN_ISSUER_UNDETERMINED')
    ? 'INDETERMINATE'
    : 'INVALID'
}

/** The token and its grants, outermost first; nothing verified yet. */
function readLinks(jwt: string): { links: ReadLink[]; faults: TokenFault[] } {
  const links: ReadLink[] = []
  const faults: TokenFault[] = []
  if (jwt.length > MAX_TOKEN_CHARACTERS) {
    return { links, faults: [{ code: 'TOKEN_MALFORMED', message: 'token too long', link: 0 }] }
  }
  for (let token: string | null = jwt; token !== null; ) {
    if (links.length >= MAX_LINKS) {
      faults.push({
        code: 'TOKEN_TOO_DEEP',
        message: `more than ${MAX_LINKS} links`,
        link: links.length,
      })
      break
    }
    const link: ReadLink | string = readLink(token)
    if (typeof link === 'string') {
      faults.push({ code: 'TOKEN_MALFORMED', message: link, link: links.length })
      break
    }
    links.push(link)
    const { grant }: { grant?: unknown } = link.claims
    token = typeof grant === 'string' ? grant : null
  }
  return { links, faults }
}

/** What is wrong with it, in words, when it is no token of ours. */
function readLink(jwt: string): ReadLink | string {
  const decoded = decodeJws(jwt)
  if (decoded === null) return 'no compact JWS over a JSON object'
  const { header, claims } = decoded
  const { iss, sub, aud, exp, iat, nbf, scope, grant } = claims as Record<string, unknown>
  const issuer = autoIdOf(iss)
  if (issuer === null) return 'iss names no Auto ID'
  if (isOtherKind(decoded)) return 'a credential or a proof, no token'
  // A DID's key is named by a fragment behind the identity.
  if (header.kid !== undefined && autoIdOf(header.kid.split('#')[0]) !== issuer) {
    return 'kid and iss differ'
  }
  if (grant !== undefined && typeof grant !== 'string') return 'grant is no token'
  if (!isSeconds(exp) || !isSeconds(iat)) return 'exp and iat are needed, in seconds'
  if (nbf !== undefined && !isSeconds(nbf)) return 'nbf is no number of seconds'
  if (sub !== undefined && typeof sub !== 'string') return 'sub is no text'
  if (scope !== undefined && typeof scope !== 'string') return 'scope is no text'
  const audience = aud === undefined ? [] : Array.isArray(aud) ? aud : [aud]
  if (!audience.every((one) => typeof one === 'string')) return 'aud is no text'
  return {
    jwt,
    claims,
    issuer,
    subject: sub ?? null,
    scope: (scope ?? '').split(' ').filter((word) => word !== ''),
    audience: audience as string[],
    issuedAtMs: iat * 1000,
    notBeforeMs: (nbf ?? iat) * 1000,
    expiresAtMs: exp * 1000,
    trustAnchor: null,
  }
}

/** JWTs the same keys sign for other ends (RFC 8725 §3.11): a credential must not do as a token without scopes. */
function isOtherKind({ header, claims }: DecodedJws): boolean {
  const type = (header.typ ?? '').toLowerCase().replace(/^application\//, '')
  const isCredential = 'vc' in claims || 'vp' in claims || /(^|\W)v[cp](\W|$)/.test(type)
  return isCredential || type === PROVENANCE_TYPE
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e11
}

async function judgeLink(
  link: ReadLink,
  index: number,
  identity: IdentityAt | null,
  question: TokenQuestion,
): Promise<TokenFault[]> {
  const faults: TokenFault[] = []
  const fault = (code: TokenCode, message: string) => faults.push({ code, message, link: index })
  const skewMs = SKEW_SECONDS * 1000
  if (question.clockMs >= link.expiresAtMs)
    fault('TOKEN_EXPIRED', `over since ${iso(link.expiresAtMs)}`)
  if (question.clockMs + skewMs < Math.max(link.notBeforeMs, link.issuedAtMs)) {
    fault('TOKEN_NOT_YET_VALID', `not before ${iso(link.notBeforeMs)}`)
  }
  if (question.audience !== null && !isFor(link, index, question.audience)) {
    fault('TOKEN_AUDIENCE', `not for ${question.audience}`)
  }
  if (identity === null) {
    fault('TOKEN_ISSUER_UNKNOWN', `${link.issuer} is not in the registry at that moment`)
    return faults
  }
  const outcome = await verifyJws(link.jwt, identity.spki)
  if (!outcome.ok) fault('TOKEN_SIGNATURE', outcome.message)
  if (identity.verdict !== 'VALID') fault(standingCode(identity), standingText(identity))
  const anchor = anchorFault(identity, question.trustAnchors)
  if (anchor === 'NONE') {
    fault('TOKEN_ANCHOR', `${link.issuer} is under none of the trust anchors`)
  } else if (anchor === 'DOUBTFUL') {
    fault('TOKEN_ISSUER_UNDETERMINED', `${identity.trustAnchor}: ${DOUBTFUL_ANCHOR}`)
  }
  return faults
}

function standingCode({ verdict }: IdentityAt): TokenCode {
  return verdict === 'INVALID' ? 'TOKEN_ISSUER_NOT_GOOD' : 'TOKEN_ISSUER_UNDETERMINED'
}

function standingText({ fault, verdict }: IdentityAt): string {
  return fault === null ? `${verdict}: no reason given` : `${fault.code}: ${fault.message}`
}

/** Was the issuer good when it says it signed? One that is good again may have signed while it was not. */
async function judgeIssuance(
  link: ReadLink,
  index: number,
  identity: IdentityAt | null,
  { clockMs }: TokenQuestion,
  readIdentity: ReadIdentity,
): Promise<TokenFault[]> {
  // Clocks differ: an identity's first token may seem older than the identity.
  const issuedMs = link.issuedAtMs + SKEW_SECONDS * 1000
  if (identity === null || issuedMs >= Math.min(clockMs, identity.asOf.timeMs)) return []
  const when = `when it was issued, ${iso(link.issuedAtMs)}`
  const fault = (code: TokenCode, message: string) => [{ code, message, link: index }]
  const then = await readThen(readIdentity, link.issuer, issuedMs)
  if (then === null) {
    return fault('TOKEN_ISSUER_UNKNOWN', `${link.issuer} was not in the registry ${when}`)
  }
  if (!equalBytes(then.spki, identity.spki)) {
    return fault('TOKEN_SIGNATURE', `the registry had another key of its issuer ${when}`)
  }
  return then.verdict === 'VALID' ? [] : fault(standingCode(then), `${when}: ${standingText(then)}`)
}

async function readThen(
  readIdentity: ReadIdentity,
  issuer: Hex,
  timeMs: number,
): Promise<IdentityAt | null> {
  try {
    return await readIdentity(issuer, { timeMs })
  } catch (error) {
    // Before the chain began nobody was registered.
    if (error instanceof AppError && error.code === 'POINT_IN_TIME_OUT_OF_RANGE') return null
    throw error
  }
}

/** A grant without an audience is for any; the token itself must name it. */
function isFor(link: ReadLink, index: number, audience: string): boolean {
  if (index > 0 && link.audience.length === 0) return true
  return link.audience.includes(audience)
}

/** A grantee passes on no more than it was granted (scope, audience, time), and only if it is the grantee. */
function judgeGrant(link: ReadLink, grant: ReadLink, index: number): TokenFault[] {
  const faults: TokenFault[] = []
  const fault = (code: TokenCode, message: string) => faults.push({ code, message, link: index })
  if (autoIdOf(grant.subject) !== link.issuer) {
    fault(
      'TOKEN_NOT_GRANTEE',
      `the grant is for ${grant.subject ?? 'nobody'}, not for ${link.issuer}`,
    )
  }
  const excess = link.scope.filter((word) => !grant.scope.includes(word))
  if (excess.length > 0) fault('TOKEN_SCOPE_EXCEEDS', `never granted: ${excess.join(' ')}`)
  const isWider = link.audience.length === 0 || !isPartOf(link.audience, grant.audience)
  if (grant.audience.length > 0 && isWider) {
    fault('TOKEN_AUDIENCE', `for more than its grant, ${grant.audience.join(' ')}`)
  }
  if (link.expiresAtMs > grant.expiresAtMs) {
    fault('TOKEN_LIFETIME_EXCEEDS', `ends after its grant, ${iso(grant.expiresAtMs)}`)
  }
  if (Math.min(link.notBeforeMs, link.issuedAtMs) < grant.notBeforeMs) {
    fault('TOKEN_LIFETIME_EXCEEDS', `begins before its grant, ${iso(grant.notBeforeMs)}`)
  }
  return faults
}

function isPartOf(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((one) => whole.includes(one))
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
