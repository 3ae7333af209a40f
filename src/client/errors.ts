/** Why a peer was not accepted. Test `code`, not the message. */

export type PeerErrorCode =
  /** No TLS, no version in common, an alert, a bad signature: nobody was named. */
  | 'HANDSHAKE_FAILED'
  /** The TLS stack found no path to the trusted roots, or the handshake named nobody. */
  | 'PEER_UNANCHORED'
  | 'PEER_NO_CERTIFICATE'
  /** Its issuer revoked it, or one of its issuers is revoked. */
  | 'PEER_REVOKED'
  /** Renewed: another certificate is in force. */
  | 'PEER_SUPERSEDED'
  /** It, or one of its issuers, is outside its dates. */
  | 'PEER_EXPIRED'
  /** The identity left the registry. */
  | 'PEER_DEACTIVATED'
  /** The registry never recorded it, or its issuer's place was given up or taken over. */
  | 'PEER_UNKNOWN'
  /** The service did not answer in time, or answered that it cannot now. */
  | 'STATUS_UNAVAILABLE'
  /** The answer was not the responder's, not about this certificate, or not current. */
  | 'STATUS_INVALID'
  /** A challenge that is not ours, too old, for somebody else, or used before. */
  | 'CHALLENGE_INVALID'
  | 'SIGNATURE_INVALID'

export class PeerError extends Error {
  override readonly name = 'PeerError'

  constructor(
    readonly code: PeerErrorCode,
    message: string,
    /** Subject of the certificate at fault, or for a challenge the Auto ID at fault, when there is one. */
    readonly subject: string | null = null,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}
