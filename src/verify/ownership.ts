/** Who holds an identifier. It follows from names alone, so once its entry is gone anybody may register it again. */

import type { Evidence, EvidenceRegistration, Hop } from './evidence'

/**
 * The last registration, up to the hop's own, that nothing links to the one before it: a later one with the same key is
 * linked to that owner only. `UNREAD` when not all of them are known; null when it has had one owner throughout.
 */
export function unprovenOwner(
  { past }: Evidence,
  { autoId, registration }: Hop,
): EvidenceRegistration | 'UNREAD' | null {
  if (registration.continuity === 'UNPROVEN') return registration
  const earlier = (past?.history.registrations ?? [])
    .filter((own) => own.autoId === autoId && own.ordinal < registration.ordinal)
    .sort((a, b) => a.ordinal - b.ordinal)
  const unproven = earlier.findLast(({ continuity }) => continuity === 'UNPROVEN')
  if (unproven !== undefined) return unproven
  // Registrations count from 1.
  return earlier.length === registration.ordinal - 1 ? null : 'UNREAD'
}
