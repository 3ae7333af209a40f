/** How long what we sign stands. Short while the block it rests on may still be reorganised. */

const MINUTE = 60_000

/** OCSP: a new revocation may come with any block, so even a final GOOD is not for long. */
export const OCSP_WINDOW_MS = { final: 5 * MINUTE, notFinal: MINUTE, revokedAndFinal: 60 * MINUTE }

/** CRLs are fetched by schedules, not by handshakes. */
export const CRL_WINDOW_MS = 60 * MINUTE

/** Status lists serve verifiers that are offline for a day. */
export const STATUS_LIST_WINDOW_MS = 24 * 60 * MINUTE

/** A block time: what a cache may hold a plain answer about now. */
export const STATUS_MAX_AGE_SECONDS = 6

/** A moment of finalized history never changes. */
export const HISTORY_MAX_AGE_SECONDS = 86_400

export function ocspWindowMs(isRevoked: boolean, isFinal: boolean): number {
  if (!isFinal) return OCSP_WINDOW_MS.notFinal
  return isRevoked ? OCSP_WINDOW_MS.revokedAndFinal : OCSP_WINDOW_MS.final
}
