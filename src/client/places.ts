/** A path as places: each a certificate, the last the certificates of one root, of which one must be good. */
import { equalBytes } from '../bytes'
import { type ParsedCertificate, parseCertificate } from '../pki/certificate'
import { renderName } from '../pki/names'
import { encodeCertId } from '../pki/ocsp-request'
import { decodePemCertificates } from '../pki/pem'
import { PeerError } from './errors'
import { fingerprintOf } from './ocsp-answer'

export type NamedCertificate = {
  readonly key: string
  readonly certId: Uint8Array
}

export type Place = {
  readonly subject: string
  /** The newest first. */
  readonly certificates: readonly NamedCertificate[]
  /** Milliseconds since the epoch: the place is within its dates until then. */
  readonly endsMs: number
}

const MAX_PATH = 16

/** @throws {TypeError} for a text without a certificate in it. */
export function readRoots(pems: readonly string[]): readonly ParsedCertificate[] {
  return pems.flatMap((pem, index) => {
    const found = decodePemCertificates(pem).map(parseCertificate)
    if (found.length === 0) throw new TypeError(`roots[${index}] holds no PEM certificate`)
    return found
  })
}

/**
 * @throws {PeerError} PEER_NO_CERTIFICATE; PEER_UNANCHORED for a path that does not end in one of the roots, or is too
 *   long; PEER_EXPIRED for one that is outside its dates.
 */
export function readPath(
  path: readonly Uint8Array[],
  roots: readonly ParsedCertificate[],
  nowMs: number,
): readonly Place[] {
  const parsed = path.map(readCertificate)
  const last = parsed[parsed.length - 1]
  if (last === undefined)
    throw new PeerError('PEER_NO_CERTIFICATE', 'the peer showed no certificate')
  if (path.length > MAX_PATH)
    throw new PeerError('PEER_UNANCHORED', `a path of ${path.length} certificates`)
  const anchors = certificatesOf(last, roots)
  const issued = parsed
    .slice(0, -1)
    .map((certificate, index) => placeOf([certificate], parsed[index + 1] ?? last, nowMs))
  return [...issued, placeOf(anchors, last, nowMs)]
}

/**
 * A root that was renewed has several certificates of one name and key. A TLS stack ends its paths in any that is
 * trusted, whichever the peer sent along; the registry has one in force, not always the newest: the next may be trusted
 * before it is recorded.
 */
function certificatesOf(
  last: ParsedCertificate,
  roots: readonly ParsedCertificate[],
): readonly ParsedCertificate[] {
  const trusted = roots.filter(
    ({ subject, spki }) => equalBytes(subject, last.subject) && equalBytes(spki, last.spki),
  )
  if (trusted.length === 0) {
    const subject = renderName(last.subject)
    throw new PeerError('PEER_UNANCHORED', 'the path does not end in a trusted root', subject)
  }
  return trusted.toSorted((a, b) => b.notBefore.ms - a.notBefore.ms)
}

/** The TLS stack looks at dates too, but not again for a session it resumes or a connection that stays open. */
function placeOf(
  certificates: readonly ParsedCertificate[],
  issuer: ParsedCertificate,
  nowMs: number,
): Place {
  const [first = issuer] = certificates
  const subject = renderName(first.subject)
  const second = Math.floor(nowMs / 1000) * 1000
  const current = certificates.filter(
    ({ notBefore, notAfter }) => notBefore.ms <= second && second <= notAfter.ms,
  )
  if (current.length === 0) {
    const { notBefore, notAfter } = first
    const message = `${subject} is valid from ${iso(notBefore.ms)} to ${iso(notAfter.ms)} only`
    throw new PeerError('PEER_EXPIRED', message, subject)
  }
  return {
    subject,
    certificates: current.map((certificate) => ({
      key: fingerprintOf(certificate.der),
      certId: encodeCertId('sha256', certificate.issuer, issuer.spki, certificate.serialBytes),
    })),
    endsMs: Math.max(...current.map(({ notAfter }) => notAfter.ms)),
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function readCertificate(der: Uint8Array): ParsedCertificate {
  try {
    return parseCertificate(der)
  } catch (cause) {
    throw new PeerError('PEER_UNANCHORED', 'a certificate that does not parse', null, { cause })
  }
}
