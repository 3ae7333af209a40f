/** What tokens and proofs ask of the registry about an identity. A root hands the function in. */
import type { Hex } from '../bytes'

/** A block height, a time, or now. */
export type Moment = { readonly block: number } | { readonly timeMs: number } | null

export type AsOf = {
  readonly height: number
  readonly hash: Hex
  readonly timeMs: number
  readonly isFinal: boolean
}

/** An identity at a moment, judged all the way up. */
export type IdentityAt = {
  readonly autoId: Hex
  readonly verdict: 'VALID' | 'INVALID' | 'INDETERMINATE'
  /** Code and sentence of what decided a verdict that is not VALID; null otherwise. */
  readonly fault: { readonly code: string; readonly message: string } | null
  /** DER SubjectPublicKeyInfo the registry has for it at that moment. */
  readonly spki: Uint8Array
  /** DER of the certificate in force then; null when none can be rebuilt. */
  readonly certificate: Uint8Array | null
  /** Root it leads to; null when it leads to none. */
  readonly trustAnchor: Hex | null
  /** Another key may have taken that root over. */
  readonly isAnchorDoubtful: boolean
  /** Of itself and all above it, those that another key may have taken over. */
  readonly doubtful: readonly Hex[]
  readonly asOf: AsOf
}

/** Null for an id that was never registered by then. @throws {AppError} for a moment outside the index. */
export type ReadIdentity = (autoId: Hex, at: Moment) => Promise<IdentityAt | null>

/**
 * Does it lead to one of these roots? DOUBTFUL: to one that another key may have taken over, so that nobody knows which of
 * its owners was meant. Null: it does, or nobody asked.
 */
export function anchorFault(
  { trustAnchor, isAnchorDoubtful }: Pick<IdentityAt, 'trustAnchor' | 'isAnchorDoubtful'>,
  trustAnchors: readonly Hex[] | null,
): 'NONE' | 'DOUBTFUL' | null {
  if (trustAnchors === null) return null
  if (trustAnchor === null || !trustAnchors.includes(trustAnchor)) return 'NONE'
  return isAnchorDoubtful ? 'DOUBTFUL' : null
}

export const DOUBTFUL_ANCHOR =
  'another key may have taken this trust anchor over, and nothing links the owners'

/** Of identifiers alone nobody knows which of their owners is meant. */
export function takenOver(doubtful: readonly Hex[]): string {
  return `another key may have taken over ${doubtful.join(', ')}, and nothing links the owners`
}
