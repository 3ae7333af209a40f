/**
 * Every failure path validation can report: the rule, its source and what to do. One table for the verdicts,
 * the API's enum and docs/codes.md. Codes are stable for ever: adding one is minor, another meaning is a new code.
 */

export type CodeEntry = {
  /** RFC 5280 section unless another document is named. */
  readonly clause: string
  readonly meaning: string
  readonly advice: string
  /** How telling the failure is when a path has several: the highest is reported first. */
  readonly rank: number
}

function entry(rank: number, clause: string, meaning: string, advice: string): CodeEntry {
  return { rank, clause, meaning, advice }
}

const REISSUE = 'Have the issuer issue a conforming certificate.'
const OTHER_ISSUER = 'Use a path whose certificates respect the constraint.'

export const PATH_CODES = {
  CERT_MALFORMED: entry(
    95,
    '4.1',
    'The bytes are not a certificate in strict DER.',
    'Check that the whole certificate was given; otherwise have it issued anew.',
  ),
  CERT_BAD_NAME: entry(
    90,
    '4.1.2.4',
    'Issuer or subject is malformed, or empty where a name is required.',
    REISSUE,
  ),
  CERT_BAD_EXTENSION: entry(90, '4.2', 'An extension cannot be decoded.', REISSUE),
  CERT_BAD_SERIAL: entry(
    60,
    '4.1.2.2',
    'The serial number is zero, negative, padded or over 20 octets.',
    REISSUE,
  ),
  CERT_BAD_VERSION: entry(60, '4.1.2.1', 'The certificate is not of version 3.', REISSUE),
  CERT_ALGORITHM_MISMATCH: entry(
    90,
    '4.1.1.2',
    'Outer and inner signature algorithm differ.',
    REISSUE,
  ),
  CERT_UNKNOWN_CRITICAL_EXTENSION: entry(
    85,
    '4.2',
    'A critical extension is not understood.',
    'Ask the issuer what the extension means; without processing it no verdict is possible.',
  ),
  CERT_PROFILE: entry(
    55,
    '4.2',
    'A rule for conforming CAs is broken (criticality, key identifiers, consistency).',
    REISSUE,
  ),
  CERT_WEB_PROFILE: entry(
    50,
    'CABF BR 7.1.2',
    'A rule of the web PKI (CA/Browser Forum Baseline Requirements) is broken.',
    REISSUE,
  ),
  KEY_UNSUPPORTED: entry(
    80,
    '4.1.2.7',
    'The public key is of a kind or form that is not accepted.',
    'Use RSA, ECDSA on a named NIST curve, or Ed25519.',
  ),
  KEY_TOO_WEAK: entry(
    80,
    'NIST SP 800-131A',
    'The public key is too small.',
    'Use RSA of at least 2048 bits, ECDSA P-256 or Ed25519.',
  ),
  SIG_ALGORITHM_WEAK: entry(
    80,
    'RFC 6194',
    'The signature rests on a digest that is no longer safe.',
    'Have the certificate signed with SHA-256 or better.',
  ),
  SIG_UNSUPPORTED_ALGORITHM: entry(
    80,
    '4.1.1.2',
    'The signature algorithm or its parameters are not supported.',
    'Use RSA PKCS#1 v1.5, RSA-PSS, ECDSA or Ed25519.',
  ),
  SIG_BAD: entry(
    92,
    '6.1.3 (a)(1)',
    'The signature does not verify under the issuer key.',
    'Treat the certificate as forged.',
  ),
  SIG_BAD_KEY: entry(
    88,
    '6.1.3 (a)(1)',
    'The issuer key cannot be used with the signature algorithm.',
    'Check that the right issuer certificate was given.',
  ),
  PATH_NOT_YET_VALID: entry(
    75,
    '6.1.3 (a)(2)',
    'The moment lies before notBefore.',
    'Wait, or ask about a later moment.',
  ),
  PATH_EXPIRED: entry(
    75,
    '6.1.3 (a)(2)',
    'The moment lies after notAfter.',
    'Renew the certificate, or ask about the moment it was used.',
  ),
  PATH_REVOKED: entry(
    94,
    '6.3.3',
    'The certificate was revoked.',
    'Do not trust it from the revocation date on.',
  ),
  PATH_REVOCATION_UNKNOWN: entry(
    70,
    '6.3.3',
    'No usable revocation information covers the certificate.',
    'Supply a current CRL of the right issuer and scope.',
  ),
  PATH_NAME_MISMATCH: entry(
    65,
    '6.1.3 (a)(4)',
    'The issuer name is not the name of the certificate above.',
    'Supply the right issuer certificate.',
  ),
  PATH_NAME_NOT_PERMITTED: entry(
    82,
    '6.1.3 (b)',
    'A name lies outside the permitted subtrees.',
    OTHER_ISSUER,
  ),
  PATH_NAME_EXCLUDED: entry(82, '6.1.3 (c)', 'A name lies in an excluded subtree.', OTHER_ISSUER),
  PATH_NAME_CONSTRAINT_UNSUPPORTED: entry(
    81,
    '4.2.1.10',
    'A name constraint applies that cannot be processed.',
    OTHER_ISSUER,
  ),
  PATH_POLICY: entry(
    66,
    '6.1.3 (f), 6.1.5 (g)',
    'An explicit policy is required and none is valid.',
    'Use a path with a certificate policy you accept.',
  ),
  PATH_POLICY_MAPPING_ANY: entry(
    66,
    '6.1.4 (a)',
    'anyPolicy is mapped, which is forbidden.',
    REISSUE,
  ),
  PATH_NOT_CA: entry(
    84,
    '6.1.4 (k)',
    'An issuer is not a CA by its basicConstraints.',
    'Treat the certificates it issued as invalid.',
  ),
  PATH_LENGTH_EXCEEDED: entry(
    76,
    '6.1.4 (l)',
    'More CA certificates follow than a path length constraint allows.',
    OTHER_ISSUER,
  ),
  PATH_NO_CERT_SIGN: entry(
    83,
    '6.1.4 (n)',
    'The keyUsage of an issuer lacks keyCertSign.',
    'Treat the certificates it issued as invalid.',
  ),
  PATH_KEY_USAGE: entry(
    64,
    '4.2.1.3',
    'The keyUsage of the target lacks a required usage.',
    'Use a certificate meant for this use.',
  ),
  PATH_EXTENDED_KEY_USAGE: entry(
    64,
    '4.2.1.12',
    'The extended key usage down the path does not allow the required purpose.',
    'Use a certificate meant for this purpose.',
  ),
  PATH_PEER_NAME: entry(
    63,
    'RFC 9525 6',
    'The certificate does not name the peer asked for.',
    'Check that the right host or person answered.',
  ),
  PATH_NO_ANCHOR: entry(
    40,
    '6.1.1 (d)',
    'No path leads to a trust anchor.',
    'Supply the missing intermediate certificates, or another trust anchor.',
  ),
  PATH_BUDGET_EXCEEDED: entry(
    45,
    '6.1',
    'Building or checking the path took more work than allowed.',
    'Supply fewer or better fitting certificates.',
  ),
} as const satisfies Readonly<Record<string, CodeEntry>>

export type PathCode = keyof typeof PATH_CODES
