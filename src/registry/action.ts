/** What revocations and deactivations sign: SCALE `CertificateAction`. It names no chain, so it holds on every one. */
import { concatBytes, fromHex, type Hex, u256ToLittleEndian } from '../bytes'

export type ActionType = 'REVOKE' | 'DEACTIVATE'

/** Position in `CertificateActionType`, one octet. */
const ACTION_INDEX: Readonly<Record<ActionType, number>> = { REVOKE: 0, DEACTIVATE: 1 }

/**
 * 65 bytes: id (H256) ++ nonce (U256, little-endian) ++ action type.
 * @param nonce of the issuer for a revocation (a root's own), of the Auto ID itself for a deactivation
 * @see pallet-auto-id lib.rs `CertificateAction` @72a5aa6
 */
export function encodeCertificateAction(
  autoId: Hex,
  nonce: bigint,
  actionType: ActionType,
): Uint8Array {
  return concatBytes(
    fromHex(autoId),
    u256ToLittleEndian(nonce),
    Uint8Array.of(ACTION_INDEX[actionType]),
  )
}
