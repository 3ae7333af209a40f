/** Identities and registrations as the API shows them. */

import { toHex } from '../../bytes'
import type { Moment } from '../moment'
import type { IdentityRow, RegistrationRow } from '../rows'
import type { AutoId, Registration } from '../types/auto-id'
import type { AutoIdStatus } from '../types/enums'

export function toAutoId(row: IdentityRow, moment: Moment): AutoId {
  return {
    id: row.autoId,
    kind: row.kind,
    commonName: row.commonName,
    commonNameHex: toHex(row.commonNameBytes),
    status: statusOf(row, moment.clockMs),
    issuerId: row.issuerId,
    nonce: row.nonce,
    serial: row.serial,
    row,
    moment,
  }
}

/** An identity's own status at a clock, its issuers left aside. Both ends of the validity are valid, as in the pallet. */
export function statusOf(
  row: Pick<IdentityRow, 'active' | 'isRevoked' | 'notBefore' | 'notAfter'>,
  clockMs: number,
): AutoIdStatus {
  if (!row.active) return 'DEACTIVATED'
  if (row.isRevoked) return 'REVOKED'
  if (clockMs < row.notBefore.getTime()) return 'NOT_YET_VALID'
  if (clockMs > row.notAfter.getTime()) return 'EXPIRED'
  return 'ACTIVE'
}

export function toRegistration(row: RegistrationRow, moment: Moment): Registration {
  const { ordinal, continuity, continuityProof } = row
  return { ordinal, continuity, continuityProof, row, moment }
}
