/** CA/Browser Forum Baseline Requirements §7.1, as far as a verifier can check them in a certificate. */
import { getPublicSuffix } from 'tldts'
import { findExtension } from './certificate'
import { OID } from './extensions'
import type { GeneralName } from './general-names'
import { isDnsName } from './name-matching'
import { parseName } from './names'
import type { PathCertificate, Problem, Role } from './path-certificate'

/** Rules of the web PKI the certificate breaks in its role. */
export function checkWebProfile(certificate: PathCertificate, role: Role): readonly Problem[] {
  const broken: string[] = []
  if (certificate.parsed.version !== 3) broken.push('not of version 3 (BR 7.1.1)')
  checkKey(certificate, broken)
  if (role === 'target') checkSubscriber(certificate, broken)
  if (role === 'anchor' && certificate.isSelfIssued) checkRoot(certificate, broken)
  return broken.map((message) => ({ code: 'CERT_WEB_PROFILE', message }))
}

function checkKey({ publicKey }: PathCertificate, broken: string[]): void {
  const isRsa = publicKey.algorithm === 'RSA' || publicKey.algorithm === 'RSA-PSS'
  if (isRsa && (publicKey.bits ?? 0) % 8 !== 0)
    broken.push('RSA size not a multiple of 8 (BR 6.1.5)')
}

function checkSubscriber(certificate: PathCertificate, broken: string[]): void {
  const { basicConstraints, extKeyUsage, keyUsage, subjectAltName } = certificate
  if (basicConstraints?.cA === true || keyUsage?.has('keyCertSign') === true) {
    broken.push('a CA where a subscriber is expected (BR 7.1.2.7.8)')
  }
  if (extKeyUsage === undefined) broken.push('no extended key usage (BR 7.1.2.7.6)')
  if (extKeyUsage?.includes(OID.anyExtendedKeyUsage)) {
    broken.push('anyExtendedKeyUsage (BR 7.1.2.7.10)')
  }
  if (findExtension(certificate.parsed, OID.extKeyUsage)?.critical) {
    broken.push('critical extended key usage (BR 7.1.2.7.6)')
  }
  if (subjectAltName === undefined) broken.push('no subjectAltName (BR 7.1.2.7.12)')
  const isAltNameCritical = findExtension(certificate.parsed, OID.subjectAltName)?.critical === true
  if (isAltNameCritical && certificate.subject.rdns.length > 0) {
    broken.push('critical subjectAltName beside a subject (BR 7.1.2.7.12)')
  }
  checkWildcards(subjectAltName ?? [], broken)
  checkCommonName(certificate, broken)
}

/** BR 3.2.2.6: no wildcard directly above a public suffix. */
function checkWildcards(names: readonly GeneralName[], broken: string[]): void {
  for (const name of names) {
    if (name.kind !== 'dNSName' || !name.value.startsWith('*')) continue
    const base = name.value.slice(2).toLowerCase()
    if (base === '' || getPublicSuffix(base, { allowPrivateDomains: true }) === base) {
      broken.push('wildcard for a whole public suffix (BR 3.2.2.6)')
    }
  }
}

/**
 * BR 7.1.4.3: a common name repeats an entry of the subjectAltName, character for character. Let pass, as limbo's
 * own valid cases need it: the host under a wildcard entry, and a host where the entries are addresses only.
 */
function checkCommonName(certificate: PathCertificate, broken: string[]): void {
  if (certificate.subject.rdns.length === 0) return
  const commonNames = parseName(certificate.parsed.subject)
    .flat()
    .filter(({ oid }) => oid === '2.5.4.3')
  if (commonNames.length > 1) broken.push('more than one common name (BR 7.1.4.3)')
  const names = certificate.subjectAltName ?? []
  for (const { text } of commonNames) {
    if (text === undefined || !isAmong(names, text)) {
      broken.push('common name that is no entry of the subjectAltName (BR 7.1.4.3)')
    }
  }
}

function isAmong(names: readonly GeneralName[], commonName: string): boolean {
  if (names.some((name) => textOf(name) === commonName)) return true
  if (!isDnsName(commonName) || !commonName.includes('.')) return false
  const hosts = names.filter(({ kind }) => kind === 'dNSName').map(textOf)
  return hosts.length === 0 || hosts.includes(`*.${commonName}`)
}

function textOf(name: GeneralName): string | undefined {
  if (name.kind === 'dNSName') return name.value
  return name.kind === 'iPAddress' ? canonicalAddress(name.octets) : undefined
}

/** RFC 3986 §3.2.2 for IPv4, RFC 5952 §4 for IPv6. */
function canonicalAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((octets[index * 2] as number) << 8) | (octets[index * 2 + 1] as number)).toString(16),
  )
  const run = longestZeroRun(groups)
  if (run.length < 2) return groups.join(':')
  const head = groups.slice(0, run.start).join(':')
  return `${head}::${groups.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  groups.forEach((group, index) => {
    length = group === '0' ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  })
  return best
}

/** BR 7.1.2.1: root certificates. */
function checkRoot(certificate: PathCertificate, broken: string[]): void {
  if (certificate.extKeyUsage !== undefined) broken.push('a root with extKeyUsage (BR 7.1.2.1.2)')
  const authority = certificate.authorityKeyIdentifier
  if (authority === undefined) return
  if (authority.authorityCertIssuer !== null || authority.authorityCertSerialNumber !== null) {
    broken.push('a root whose authorityKeyIdentifier names issuer or serial (BR 7.1.2.1.3)')
  }
  const subject = certificate.subjectKeyIdentifier
  const isSame =
    authority.keyIdentifier !== null &&
    subject !== undefined &&
    Buffer.compare(authority.keyIdentifier, subject) === 0
  if (!isSame) broken.push('a root whose two key identifiers differ (BR 7.1.2.1.3)')
}
