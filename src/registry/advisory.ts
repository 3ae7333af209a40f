/** What the chain let pass at an operation and a relying party should know: the closed list of codes and their meaning. */

import type { Hex } from '../bytes'

export type Severity = 'INFO' | 'WARNING' | 'CRITICAL'

export type AdvisoryFacts = Readonly<Record<string, string | number | boolean | null>>

export type AdvisoryEntry = {
  readonly severity: Severity
  /** For people, without facts. */
  readonly message: string
  /** What a relying party should do about it. */
  readonly advice: string
  /** Numbers of the quirks in docs/registry-quirks.md. */
  readonly quirks: readonly number[]
}

function entry(
  severity: Severity,
  quirks: readonly number[],
  message: string,
  advice: string,
): AdvisoryEntry {
  return { severity, quirks, message, advice }
}

/** Codes are for ever: a new meaning is a new code. */
export const ADVISORIES = {
  ISSUER_REVOKED: entry(
    'CRITICAL',
    [1],
    'The issuer, or one above it, was revoked when it issued, renewed or revoked this.',
    'Reject unless the issuer was renewed by its own issuer since, and issued this again.',
  ),
  ISSUER_CHAIN_BROKEN: entry(
    'CRITICAL',
    [3, 9, 12],
    'Above the issuer, an Auto ID was deactivated, out of its validity or under another key at that moment.',
    'Reject: no unbroken chain led to a root when this was accepted.',
  ),
  REVOKED_IDENTITY_RENEWED: entry(
    'WARNING',
    [2],
    'The Auto ID had been revoked by its issuer, and came back by a renewal with a new serial.',
    'Ask the issuer whether the renewal was meant to restore trust.',
  ),
  KEY_REPLACED_UNPROVEN: entry(
    'CRITICAL',
    [3],
    'The identifier was deactivated and registered again with another key, and nothing links the two owners.',
    'Treat it as another identity; trust it only by an anchor of your own.',
  ),
  KEY_REPLACED_ATTESTED: entry(
    'WARNING',
    [3],
    'The identifier was registered again with another key, which its issuer signed.',
    'A recovery by the same issuer: accept the new key, never signatures of the old one after the deactivation.',
  ),
  CHILDREN_UNDER_OTHER_KEY: entry(
    'CRITICAL',
    [3],
    'Auto IDs issued under the former key now hang under a key that never signed them.',
    'Reject those children until the new key has issued them again.',
  ),
  ISSUER_KEY_CHANGED: entry(
    'WARNING',
    [3],
    'The issuer acted on this Auto ID with another key than the one that signed its certificate before.',
    'Look at the continuity of the issuer registration before trusting the result.',
  ),
  ISSUER_NOT_CA: entry(
    'WARNING',
    [4],
    'The issuer certificate is not one of a CA (basicConstraints absent or cA FALSE).',
    'By RFC 5280 the path is invalid; the registry alone accepts it.',
  ),
  ISSUER_MAY_NOT_SIGN: entry(
    'WARNING',
    [4],
    'The issuer certificate has a keyUsage without keyCertSign.',
    'By RFC 5280 the path is invalid; the registry alone accepts it.',
  ),
  PATH_LENGTH_EXCEEDED: entry(
    'WARNING',
    [4],
    'A pathLenConstraint above this certificate is exceeded.',
    'By RFC 5280 the path is invalid; the registry alone accepts it.',
  ),
  NAME_CONSTRAINT_VIOLATED: entry(
    'WARNING',
    [4],
    'A name in the certificate lies outside the name constraints of an issuer above it.',
    'By RFC 5280 the path is invalid; the registry alone accepts it.',
  ),
  ISSUER_NAME_MISMATCH: entry(
    'WARNING',
    [4],
    'The issuer name in the certificate is not the subject name of its issuer.',
    'By RFC 5280 the path is invalid; the registry alone accepts it.',
  ),
  UNKNOWN_CRITICAL_EXTENSION: entry(
    'WARNING',
    [4, 14],
    'The certificate has a critical extension that nobody here understands.',
    'By RFC 5280 reject what you cannot process.',
  ),
  WEAK_KEY: entry(
    'WARNING',
    [4, 14],
    'The key is an RSA key of less than 2048 bits, or one under which anybody can sign.',
    'Do not rely on signatures of this key.',
  ),
  WEAK_DIGEST: entry(
    'WARNING',
    [4, 14],
    'The certificate is signed with SHA-1.',
    'Do not rely on the signature: SHA-1 collisions can be made.',
  ),
  RENEWED_TO_REVOKED_SERIAL: entry(
    'CRITICAL',
    [5],
    'The root renewed to a serial that stands in its own revocation list (its current one enters it by the renewal).',
    'The root is revoked until it renews to another serial.',
  ),
  SERIAL_EQUALS_ISSUERS: entry(
    'WARNING',
    [6],
    'The certificate has the serial its issuer has itself: revoking or superseding it revokes the issuer.',
    'The issuer should renew to another serial before revoking this one.',
  ),
  REVOCATION_HITS_ISSUER: entry(
    'CRITICAL',
    [6],
    'A serial that entered the revocation list is also that of the issuer, which can no longer issue.',
    'The issuer must renew itself; until then treat it as revoked.',
  ),
  RENEWAL_SERIAL_UNRESERVED: entry(
    'INFO',
    [6, 13],
    'The new serial is not among the issued serials of the Auto ID itself: one it issues may get the same.',
    'When issuing, choose serials at random.',
  ),
  REGISTERED_REVOKED: entry(
    'CRITICAL',
    [7],
    'The serial already stood in the revocation list when the Auto ID was registered: it was born revoked.',
    'Reject until it is renewed with a new serial.',
  ),
  INHERITED_REVOCATION_LIST: entry(
    'INFO',
    [7],
    'The new registration took over a revocation list of an earlier one.',
    'Serials in the list were revoked by the former owner.',
  ),
  NONCE_RESTARTED: entry(
    'WARNING',
    [8],
    'The same key is registered again and its nonce starts at 0: signatures of the earlier registration work again.',
    'Expect that anybody can replay old revocations and deactivations; a new key avoids it.',
  ),
  ACTION_REPLAYED: entry(
    'CRITICAL',
    [8],
    'The revocation or deactivation carries a signature that was already used for an earlier one.',
    'Ask the owner: anybody may have replayed it.',
  ),
  REGISTRATION_REPLAYED: entry(
    'WARNING',
    [8],
    'The very same signed certificate was registered before.',
    'Ask the owner: anybody may have replayed it.',
  ),
  OUTLIVES_ISSUER: entry(
    'INFO',
    [9],
    'The certificate is valid longer than that of its issuer.',
    'Judge it together with its issuer at the moment that matters to you.',
  ),
  EXPIRED_ISSUER_ACTED: entry(
    'WARNING',
    [9, 12],
    'The issuer revoked this although its own certificate was not valid at that moment.',
    'The revocation counts.',
  ),
  RENEWED_AFTER_EXPIRY: entry(
    'INFO',
    [9],
    'The certificate was renewed when it was no longer valid.',
    'Between the two the Auto ID was not valid.',
  ),
  LEAF_BECAME_ROOT: entry(
    'CRITICAL',
    [11],
    'A leaf renewed itself into a root under its own identifier; its former issuer can no longer revoke it.',
    'Reject unless you anchor trust in this very identifier.',
  ),
  ROOT_BECAME_LEAF: entry(
    'WARNING',
    [11],
    'A root was renewed into a leaf under its own identifier.',
    'Its certificates from before were signed by itself alone.',
  ),
  LEAF_IDENTIFIER_TAKEN: entry(
    'CRITICAL',
    [11],
    'The common name of this root begins with the identifier of an Auto ID: it holds the identifier of a leaf of that one.',
    'Do not take it for a leaf of that issuer.',
  ),
  SELF_REVOCATION_BLOCKS: entry(
    'WARNING',
    [12],
    'The root revoked itself: nothing it issued can be revoked or renewed until it renews itself.',
    'Treat everything below as invalid.',
  ),
  CHILDREN_ORPHANED: entry(
    'CRITICAL',
    [12],
    'The Auto ID was deactivated while others name it as issuer: they can be neither revoked nor renewed.',
    'Treat everything below as invalid.',
  ),
  TRAILING_BYTES: entry(
    'WARNING',
    [14],
    'Bytes follow the TBSCertificate and are signed with it: no valid certificate can be rebuilt.',
    'It cannot be used outside the registry.',
  ),
  STRICT_PARSER_REFUSES: entry(
    'WARNING',
    [14],
    'The certificate breaks the rules of DER or RFC 5280, and strict software refuses it.',
    'Never valid by RFC 5280.',
  ),
  NOT_VERSION_3: entry(
    'WARNING',
    [14],
    'The certificate is not of version 3.',
    'It can carry no extensions, so it is no CA.',
  ),
  DUPLICATE_EXTENSION: entry(
    'WARNING',
    [14],
    'The certificate has the same extension twice.',
    'Readers disagree on which one counts: reject.',
  ),
  EMPTY_COMMON_NAME: entry(
    'WARNING',
    [14],
    'The common name is empty.',
    'Show the identifier instead of a name.',
  ),
  COMMON_NAME_NOT_TEXT: entry(
    'WARNING',
    [14],
    'The common name has a NUL, or bytes that are not text of its string type.',
    'Compare the bytes, never what is shown.',
  ),
  COMMON_NAME_DECEPTIVE: entry(
    'WARNING',
    [14],
    'The common name has control, direction or invisible characters.',
    'Compare the bytes, never what is shown.',
  ),
  COMMON_NAME_ENCODING: entry(
    'INFO',
    [14],
    'The common name is neither UTF8String nor PrintableString: the same look can be another identifier.',
    'Compare identifiers, not names.',
  ),
  COMMON_NAME_IS_IDENTIFIER: entry(
    'WARNING',
    [14],
    'The common name looks like an identifier.',
    'Do not take the name for an identifier.',
  ),
  MULTIPLE_COMMON_NAMES: entry(
    'INFO',
    [14],
    'The subject has several common names; the registry takes the first.',
    'Go by the first.',
  ),
  SERIAL_NEGATIVE: entry(
    'WARNING',
    [14],
    'The serial is a negative INTEGER, which the registry reads as a positive number.',
    'Compare serials as the registry reads them.',
  ),
  SERIAL_NOT_MINIMAL: entry(
    'WARNING',
    [14],
    'The serial is not in the shortest form, which DER demands.',
    'Compare serials by value.',
  ),
  SERIAL_ZERO: entry(
    'INFO',
    [14],
    'The serial is zero; RFC 5280 wants a positive one.',
    'Strict software may refuse it.',
  ),
  SERIAL_TOO_LONG: entry(
    'INFO',
    [14],
    'The serial has more than the 20 octets RFC 5280 allows.',
    'Strict software may refuse it.',
  ),
  OUTER_ALGORITHM_DIFFERS: entry(
    'WARNING',
    [14],
    'The signature was made with another algorithm than the one named inside the certificate.',
    'The rebuilt certificate does not verify outside the registry.',
  ),
  OUTER_PARAMETERS_DIFFER: entry(
    'INFO',
    [14],
    'The submitted algorithm has other parameters than the one inside the certificate (the SDK adds a NULL to Ed25519).',
    'None: the certificate is rebuilt with the inner one.',
  ),
  SAN_AUTO_ID_DIFFERS: entry(
    'INFO',
    [14],
    'The `autoid:auto:` URI in the certificate is not its identifier on chain (the SDK writes another one for leaves).',
    'Go by the identifier on chain.',
  ),
  SIGNATURE_NOT_CONFIRMED: entry(
    'CRITICAL',
    [14],
    'The chain accepted the signature, but we could not confirm it under the key the issuer had.',
    'Reject until it is explained.',
  ),
  NO_SIGNATURE_KNOWN: entry(
    'WARNING',
    [],
    'The certificate was read from the state of the chain, which keeps no signatures.',
    'It cannot be rebuilt; who signed it cannot be shown.',
  ),
} as const satisfies Readonly<Record<string, AdvisoryEntry>>

export type AdvisoryCode = keyof typeof ADVISORIES

export function severityOf(code: AdvisoryCode): Severity {
  return ADVISORIES[code].severity
}

/** An advisory as a detector finds it; `index-block` adds the event. */
export type Advisory = {
  readonly code: AdvisoryCode
  readonly autoId: Hex
  readonly facts: AdvisoryFacts
}
