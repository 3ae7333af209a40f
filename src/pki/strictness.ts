/**
 * Named strictness: which rules beyond RFC 5280 §6.1 a verdict asks for. Policies differ between communities;
 * the walk through §6.1 is one and the same for all of them.
 */

export type StrictnessName = 'rfc5280' | 'pkits' | 'conforming' | 'webpki' | 'boringssl'

export type Strictness = {
  readonly name: StrictnessName
  readonly minRsaBits: number
  /** SHA-1 signatures count for moments before this one (ms since 1970); null: never. */
  readonly sha1UntilMs: number | null
  readonly isDsaAllowed: boolean
  /** CRLs and OCSP responses signed over SHA-1 count as evidence. */
  readonly isSha1StatusAllowed: boolean
  /** Serial numbers positive and of at most 20 octets (§4.1.2.2); padded ones are refused under every name. */
  readonly isSerialChecked: boolean
  /** What §4.2 demands of conforming CAs: key identifiers, criticality, consistency, name syntax. */
  readonly isConformanceChecked: boolean
  /** Also the CA/Browser Forum's Baseline Requirements for server certificates. */
  readonly isWebProfileChecked: boolean
  /** CRLs that may list certificates of other issuers count as evidence (BoringSSL leaves them out). */
  readonly isIndirectCrlUsed: boolean
  /** Critical extensions are those of §6.1, and the scope of a CRL, in certificates, CRLs and entries (BoringSSL). */
  readonly isCriticalLimited: boolean
  /** OCSP answers produced outside the certificate's own dates count for nothing (BoringSSL). */
  readonly isProducedWithinDates: boolean
  /** RSASSA-PSS has one hash for message and mask (BR 7.1.3.2.1, BoringSSL). */
  readonly isMaskHashFixed: boolean
  /** Critical Microsoft application policies pass when an extended key usage says the same (BoringSSL). */
  readonly isApplicationPolicyIgnored: boolean
}

/** Browsers stopped accepting SHA-1 certificates with the year 2017. */
const SHA1_DISTRUSTED = Date.UTC(2017, 0, 1)

const RFC5280: Strictness = {
  name: 'rfc5280',
  minRsaBits: 2048,
  sha1UntilMs: null,
  isDsaAllowed: false,
  isSha1StatusAllowed: false,
  isSerialChecked: true,
  isConformanceChecked: false,
  isWebProfileChecked: false,
  isIndirectCrlUsed: true,
  isCriticalLimited: false,
  isProducedWithinDates: false,
  isMaskHashFixed: false,
  isApplicationPolicyIgnored: false,
}

/** `rfc5280` is the default and what a verdict on an Auto ID uses. */
export const STRICTNESS: Readonly<Record<StrictnessName, Strictness>> = {
  rfc5280: RFC5280,
  /** NIST PKITS (2011): path validation only; its data has SHA-1, DSA and negative serials that must pass. */
  pkits: {
    ...RFC5280,
    name: 'pkits',
    minRsaBits: 1024,
    sha1UntilMs: SHA1_DISTRUSTED,
    isDsaAllowed: true,
    isSha1StatusAllowed: true,
    isSerialChecked: false,
  },
  /** RFC 5280 with its demands on issuers enforced: limbo's `rfc5280` namespace. */
  conforming: { ...RFC5280, name: 'conforming', isConformanceChecked: true },
  /** Server certificates as the CA/Browser Forum has them: limbo's `webpki` namespace. */
  webpki: {
    ...RFC5280,
    name: 'webpki',
    isConformanceChecked: true,
    isWebProfileChecked: true,
    isMaskHashFixed: true,
  },
  boringssl: {
    ...RFC5280,
    name: 'boringssl',
    minRsaBits: 1024,
    isSerialChecked: false,
    sha1UntilMs: SHA1_DISTRUSTED,
    isSha1StatusAllowed: true,
    isIndirectCrlUsed: false,
    isCriticalLimited: true,
    isProducedWithinDates: true,
    isMaskHashFixed: true,
    isApplicationPolicyIgnored: true,
  },
}
