/** Judging the service's answer about a challenge, in the words that TLS peers are refused with. */
import { PeerError, type PeerErrorCode } from './errors'

export type SignatureAnswer = {
  readonly valid: boolean
  readonly signatureValid: boolean
  readonly message: string
  readonly identity: {
    readonly verdict: string
    readonly trustAnchor: { readonly id: string } | null
    /** The identity's own first, its root last; empty for one the registry never knew. */
    readonly chain: readonly ChainLink[]
    readonly failures: readonly { readonly message: string }[]
  }
}

type ChainLink = {
  readonly autoId: { readonly id: string } | null
  readonly checks: readonly ChainCheck[]
}

type ChainCheck = {
  readonly code: string
  readonly outcome: string
  readonly message: string
  readonly evidence: { readonly kind: string } | null
}

/** What is told first of a certificate at which several checks failed: as OCSP does, then its dates. */
const RANKED = ['NOT_REVOKED', 'REGISTERED', 'IN_FORCE', 'WITHIN_VALIDITY']

/**
 * Only an answer that says so in every part lets anybody in.
 * @throws {PeerError}
 */
export function judgeSignature(
  { valid, signatureValid, message, identity }: SignatureAnswer,
  trustAnchors: readonly string[] | undefined,
  autoId: string,
): void {
  if (identity.chain.length === 0) throw new PeerError('PEER_UNKNOWN', message, autoId)
  if (signatureValid !== true) throw new PeerError('SIGNATURE_INVALID', message, autoId)
  const root = identity.trustAnchor?.id
  const isUnanchored =
    trustAnchors !== undefined && (root === undefined || !trustAnchors.includes(root))
  const isGood = valid === true && identity.verdict === 'VALID'
  if (isUnanchored && (isGood || root !== undefined)) {
    throw new PeerError('PEER_UNANCHORED', 'under none of the trusted roots', autoId)
  }
  if (!isGood) throw faultOf(identity, autoId)
}

/** The fault nearest to the peer. What could not be checked is no reason of its own: the registry does not vouch. */
function faultOf({ chain, failures }: SignatureAnswer['identity'], autoId: string): PeerError {
  for (const [position, link] of chain.entries()) {
    const failed = link.checks.filter(({ outcome }) => outcome === 'FAILED')
    const ranked = RANKED.flatMap((code) => failed.filter((check) => check.code === code))
    const fault = ranked[0] ?? failed[0]
    if (fault === undefined) continue
    return new PeerError(codeOf(fault, position), fault.message, link.autoId?.id ?? autoId)
  }
  return new PeerError('PEER_UNKNOWN', failures[0]?.message ?? 'not vouched for', autoId)
}

function codeOf({ code, evidence }: ChainCheck, position: number): PeerErrorCode {
  switch (code) {
    case 'NOT_REVOKED':
      return evidence?.kind === 'RENEWED' ? 'PEER_SUPERSEDED' : 'PEER_REVOKED'
    case 'REGISTERED':
      // Nobody could revoke what a gone issuer signed.
      return position === 0 ? 'PEER_DEACTIVATED' : 'PEER_UNKNOWN'
    case 'IN_FORCE':
      return 'PEER_SUPERSEDED'
    case 'WITHIN_VALIDITY':
      return 'PEER_EXPIRED'
    default:
      return 'PEER_UNKNOWN'
  }
}
