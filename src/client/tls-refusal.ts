/** What the TLS stack refused before anybody was asked, in the words of this module. */
import type { TLSSocket } from 'node:tls'
import { PeerError } from './errors'

const NO_CERTIFICATE = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
const OUTSIDE_DATES: readonly string[] = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']

/** Why the stack does not vouch for a peer whose handshake went through; null when it does. */
export function unauthorized(socket: TLSSocket, cause?: unknown): PeerError | null {
  if (socket.authorized || !socket.authorizationError) return null
  // Node's types call it an Error; it is the code of OpenSSL's verdict.
  const why = String(socket.authorizationError)
  return OUTSIDE_DATES.includes(why)
    ? new PeerError('PEER_EXPIRED', `outside its dates: ${why}`, null, { cause })
    : new PeerError('PEER_UNANCHORED', `not under a trusted root: ${why}`, null, { cause })
}

/** Of a server's `tlsClientError`; null when the client only hung up. */
export function handshakeRefusal(error: NodeJS.ErrnoException, socket: TLSSocket) {
  const refused = unauthorized(socket, error)
  if (refused !== null) return refused
  if (error.code === 'ECONNRESET') return null
  const code = error.code === NO_CERTIFICATE ? 'PEER_NO_CERTIFICATE' : 'HANDSHAKE_FAILED'
  return new PeerError(code, error.message, null, { cause: error })
}
