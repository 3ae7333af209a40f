/** `auto-registry/client`: what a relying party in Node needs. Nothing of the indexer comes along. */
export {
  type Authenticator,
  type ChallengeOptions,
  createAuthenticator,
  signChallenge,
} from './challenge'
export { PeerError, type PeerErrorCode } from './errors'
export { createTlsVerifier, type TlsVerifier } from './tls'
export {
  type Accepted,
  createPathVerifier,
  type PathVerifier,
  type VerifierOptions,
} from './verifier'
