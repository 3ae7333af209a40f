/** Rules a certificate keeps or breaks by itself, by its role in the path and the strictness asked for. */
import { findExtension } from './certificate'
import { isPaddedInteger } from './der-values'
import { KNOWN_QUALIFIERS, OID } from './extensions'
import { isDnsPattern, parseMailbox } from './name-matching'
import type { PathCertificate, Problem, Role } from './path-certificate'
import { verifySignature } from './signature'
import type { Strictness } from './strictness'
import { checkWebProfile } from './web-profile'

/** Everything wrong with the certificate in this role. Signature, dates and its neighbours are judged elsewhere. */
export function checkCertificate(
  certificate: PathCertificate,
  role: Role,
  strictness: Strictness,
  atMs: number,
): readonly Problem[] {
  const problems: Problem[] = [...certificate.problems]
  if (role !== 'target' && certificate.subject.rdns.length === 0) {
    add(problems, 'CERT_BAD_NAME', 'a CA with an empty subject (§4.1.2.6)')
  }
  checkKey(certificate, strictness, problems)
  if (role !== 'anchor') checkDigest(certificate, strictness, atMs, problems)
  checkCritical(certificate, strictness, problems)
  checkSerial(certificate, strictness, problems)
  if (strictness.isConformanceChecked) checkConformance(certificate, role, strictness, problems)
  if (strictness.isWebProfileChecked) problems.push(...checkWebProfile(certificate, role))
  return problems
}

function add(problems: Problem[], code: Problem['code'], message: string): void {
  problems.push({ code, message })
}

function checkKey(
  { publicKey, forgeable }: PathCertificate,
  strictness: Strictness,
  problems: Problem[],
): void {
  const isDsa = publicKey.algorithm === 'DSA'
  if (publicKey.algorithm === 'unknown' || (isDsa && !strictness.isDsaAllowed)) {
    add(problems, 'KEY_UNSUPPORTED', 'public key of a kind or form that is not accepted')
    return
  }
  const isRsa = publicKey.algorithm === 'RSA' || publicKey.algorithm === 'RSA-PSS'
  const bits = publicKey.bits ?? 0
  if (isRsa && bits < strictness.minRsaBits) {
    add(problems, 'KEY_TOO_WEAK', `RSA of ${bits} bits, at least ${strictness.minRsaBits} needed`)
  }
  if (forgeable !== null) add(problems, 'KEY_TOO_WEAK', forgeable)
}

function checkDigest(
  { algorithm }: PathCertificate,
  strictness: Strictness,
  atMs: number,
  problems: Problem[],
): void {
  const { hash, maskHash } = algorithm ?? {}
  if (strictness.isMaskHashFixed && maskHash !== undefined && maskHash !== hash) {
    add(problems, 'SIG_UNSUPPORTED_ALGORITHM', 'RSASSA-PSS with another hash for its mask')
  }
  const isWeak =
    hash === 'md5' || (hash === 'sha1' && !(atMs < (strictness.sha1UntilMs ?? -Infinity)))
  if (isWeak) add(problems, 'SIG_ALGORITHM_WEAK', `signed over a ${hash} digest`)
}

const MS_APPLICATION_POLICIES = '1.3.6.1.4.1.311.21.10'

function checkCritical(
  certificate: PathCertificate,
  strictness: Strictness,
  problems: Problem[],
): void {
  for (const oid of certificate.unknownCritical) {
    const isIgnored =
      oid === MS_APPLICATION_POLICIES &&
      strictness.isApplicationPolicyIgnored &&
      certificate.extKeyUsage !== undefined
    if (!isIgnored) add(problems, 'CERT_UNKNOWN_CRITICAL_EXTENSION', `critical extension ${oid}`)
  }
  if (strictness.isCriticalLimited) checkCriticalLimits(certificate, problems)
  // §4.2.1.4: if critical, "the path validation software MUST be able to interpret … the optional qualifier".
  const isPolicyCritical = isCritical(certificate, OID.certificatePolicies)
  const qualifiers = (certificate.policies ?? []).flatMap((policy) => policy.qualifiers)
  if (isPolicyCritical && qualifiers.some((oid) => !KNOWN_QUALIFIERS.includes(oid))) {
    add(problems, 'CERT_UNKNOWN_CRITICAL_EXTENSION', 'critical policy with an unknown qualifier')
  }
}

/** Extensions §6.1 processes; the others only help to find certificates and CRLs. */
const PROCESSED_BY_PATH: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectAltName,
  OID.nameConstraints,
  OID.certificatePolicies,
  OID.policyMappings,
  OID.policyConstraints,
  OID.inhibitAnyPolicy,
])

function checkCriticalLimits(certificate: PathCertificate, problems: Problem[]): void {
  for (const { oid, critical } of certificate.parsed.extensions) {
    if (!critical || PROCESSED_BY_PATH.has(oid)) continue
    if (certificate.unknownCritical.includes(oid)) continue
    add(problems, 'CERT_UNKNOWN_CRITICAL_EXTENSION', `critical extension ${oid} outside §6.1`)
  }
}

function checkSerial(
  { parsed }: PathCertificate,
  strictness: Strictness,
  problems: Problem[],
): void {
  const { serialBytes, serialNumber } = parsed
  // Parsing lets it stand, so that a registry can show what its chain has; it is no DER under any name.
  if (isPaddedInteger(serialBytes)) {
    add(problems, 'CERT_BAD_SERIAL', 'serial number not in its shortest form (X.690 §8.3.2)')
    return
  }
  if (!strictness.isSerialChecked) return
  if (serialNumber <= 0n || serialBytes.length > 20) {
    add(problems, 'CERT_BAD_SERIAL', 'serial number zero, negative or over 20 octets')
  }
}

/** §4.2.1.3 and §4.2.1.9 tie cA, keyCertSign and pathLenConstraint together. */
function checkConsistency(certificate: PathCertificate, problems: Problem[]): void {
  const { basicConstraints, keyUsage } = certificate
  const looksLikeCa =
    basicConstraints?.cA === true ||
    (basicConstraints?.pathLenConstraint ?? null) !== null ||
    keyUsage?.has('keyCertSign') === true
  const isWholeCa =
    basicConstraints?.cA === true && (keyUsage === undefined || keyUsage.has('keyCertSign'))
  if (looksLikeCa && !isWholeCa) {
    add(problems, 'CERT_PROFILE', 'basicConstraints and keyUsage disagree on being a CA (§4.2.1.9)')
  }
}

/** Extensions §4.2 wants non-critical, and critical ones. */
const NEVER_CRITICAL = [
  OID.authorityKeyIdentifier,
  OID.subjectKeyIdentifier,
  OID.subjectDirectoryAttributes,
  OID.freshestCrl,
  OID.authorityInfoAccess,
  OID.subjectInfoAccess,
]
const ALWAYS_CRITICAL = [OID.policyConstraints, OID.inhibitAnyPolicy]

function checkConformance(
  certificate: PathCertificate,
  role: Role,
  strictness: Strictness,
  problems: Problem[],
): void {
  for (const { oid, critical } of certificate.parsed.extensions) {
    const mustBeCritical =
      (ALWAYS_CRITICAL as readonly string[]).includes(oid) ||
      // BR 7.1.2.5.2 lets CAs leave name constraints non-critical.
      (oid === OID.nameConstraints && !strictness.isWebProfileChecked)
    const mustNotBe = (NEVER_CRITICAL as readonly string[]).includes(oid)
    if (critical ? mustNotBe : mustBeCritical) {
      add(
        problems,
        'CERT_PROFILE',
        `extension ${oid} ${critical ? 'is' : 'is not'} critical (§4.2)`,
      )
    }
  }
  checkConsistency(certificate, problems)
  checkKeyIdentifiers(certificate, role, problems)
  checkAltNames(certificate, problems)
  if (role !== 'target') checkIssuerExtensions(certificate, problems)
  if (certificate.nameConstraints !== undefined && certificate.basicConstraints?.cA !== true) {
    add(problems, 'CERT_PROFILE', 'name constraints in a certificate that is no CA (§4.2.1.10)')
  }
}

function checkKeyIdentifiers(certificate: PathCertificate, role: Role, problems: Problem[]): void {
  const { authorityKeyIdentifier, subjectKeyIdentifier } = certificate
  // §4.2.1.1: self-signed certificates alone may leave it out.
  if (authorityKeyIdentifier?.keyIdentifier == null && !isSelfSigned(certificate)) {
    add(problems, 'CERT_PROFILE', 'no authorityKeyIdentifier with a keyIdentifier (§4.2.1.1)')
  }
  if (role !== 'target' && subjectKeyIdentifier === undefined) {
    add(problems, 'CERT_PROFILE', 'a CA without subjectKeyIdentifier (§4.2.1.2)')
  }
}

function checkIssuerExtensions(certificate: PathCertificate, problems: Problem[]): void {
  if (!isCritical(certificate, OID.basicConstraints)) {
    add(problems, 'CERT_PROFILE', 'a CA without critical basicConstraints (§4.2.1.9)')
  }
}

/** §4.2.1.6: names in the syntax of their form. */
function checkAltNames(certificate: PathCertificate, problems: Problem[]): void {
  for (const name of certificate.subjectAltName ?? []) {
    const isSound =
      (name.kind !== 'dNSName' || isDnsPattern(name.value)) &&
      (name.kind !== 'rfc822Name' || parseMailbox(name.value) !== undefined) &&
      (name.kind !== 'uniformResourceIdentifier' || /^[a-z][a-z0-9+.-]*:./i.test(name.value))
    if (!isSound)
      add(problems, 'CERT_PROFILE', `${name.kind} not in the syntax of its form (§4.2.1.6)`)
  }
}

/** Whether the extension is there and critical. */
function isCritical({ parsed }: PathCertificate, oid: string): boolean {
  return findExtension(parsed, oid)?.critical === true
}

/** Self-signed by §3.2: the key signed itself, whatever the names. */
function isSelfSigned({ parsed }: PathCertificate): boolean {
  const outcome = verifySignature({
    spki: parsed.spki,
    signatureAlgorithm: parsed.innerAlgorithm,
    data: parsed.tbs,
    signature: parsed.signature,
  })
  return outcome.ok
}
