/** What we sign is read back by our own strict reader before it leaves: a slip here is an outage, not a wrong answer. */
import { equalBytes } from '../bytes'
import { readExtensionList } from './certificate'
import { contextTag, readerOf, readSingle, TAG } from './der'
import { integerValue, signedBigInt, timeValue } from './der-values'
import { encodeOctetString } from './der-writer'
import type { Signer, SingleResponse } from './ocsp-encode'
import { readCertId } from './ocsp-request'
import { type OcspSingleResponse, parseOcspResponse } from './ocsp-response'

/** Something we were about to sign or send that breaks its standard. */
export class LintError extends Error {
  override readonly name = 'LintError'
}

/**
 * Reads a response we made and compares it with what it must say.
 * Not checked: the signature (the signer is the same process).
 * @throws {LintError | DerError | OcspStatusError}
 */
export function lintOcspResponse(
  der: Uint8Array,
  expected: readonly SingleResponse[],
  nonce: Uint8Array | null,
): void {
  const response = parseOcspResponse(der)
  demand(response.responderId.kind === 'byKey', 'the responder is named by its key')
  demand(response.responses.length === expected.length, 'as many answers as questions')
  for (const [index, single] of expected.entries()) {
    lintSingle(response.responses[index], single, response.producedAtMs)
  }
  const wanted = nonce === null ? null : encodeOctetString(nonce)
  const given = response.nonce
  const isSame = wanted === null ? given === null : given !== null && equalBytes(given, wanted)
  demand(isSame, 'nonce repeated exactly when asked')
}

function lintSingle(
  single: OcspSingleResponse | undefined,
  expected: SingleResponse,
  producedAtMs: number,
): void {
  if (single === undefined) throw new LintError('an answer is missing')
  const asked = readCertId(readSingle(expected.certId, TAG.sequence, 'CertID'))
  demand(equalBytes(single.issuerKeyHash, asked.issuerKeyHash), 'issuerKeyHash as asked')
  demand(equalBytes(single.issuerNameHash, asked.issuerNameHash), 'issuerNameHash as asked')
  demand(signedBigInt(single.serialBytes) === asked.serialNumber, 'serialNumber as asked')
  const { certStatus, thisUpdateMs, nextUpdateMs } = single
  demand(certStatus.kind === expected.certStatus.status.toLowerCase(), 'certStatus as decided')
  if (certStatus.kind === 'revoked') {
    demand(certStatus.revocationTimeMs <= producedAtMs, 'revocationTime not in the future')
  }
  demand(thisUpdateMs <= producedAtMs, 'thisUpdate not in the future')
  demand(nextUpdateMs !== null && producedAtMs < nextUpdateMs, 'nextUpdate in the future')
}

/**
 * Reads the parts of a list before its head and signature join them. Entries are checked one by one as they are
 * encoded (`lintCrlEntry`), so that a list of any size costs no memory.
 * @throws {LintError | DerError}
 */
export function lintCrlFrame(tbsStart: Uint8Array, tbsEnd: Uint8Array, signer: Signer): void {
  const end = readSingle(tbsEnd, contextTag(0), 'crlExtensions')
  const extensions = readExtensionList(readerOf(end).enter(TAG.sequence, 'crlExtensions'))
  const has = (oid: string) => extensions.some((extension) => extension.oid === oid)
  demand(has('2.5.29.20') && has('2.5.29.35'), 'cRLNumber and authorityKeyIdentifier there')
  // The head names a length its bytes do not hold yet, so it is walked by hand from the version on.
  const first = tbsStart[1] as number
  const at = first < 0x80 ? 2 : 2 + (first & 0x7f)
  const version = tbsStart.subarray(at, at + 3)
  demand(equalBytes(version, Uint8Array.of(TAG.integer, 1, 1)), 'version is v2')
  const algorithm = tbsStart.subarray(at + 3, at + 3 + signer.signatureAlgorithm.length)
  demand(equalBytes(algorithm, signer.signatureAlgorithm), 'inner algorithm is the outer one')
}

/** @throws {LintError | DerError} */
export function lintCrlEntry(der: Uint8Array, thisUpdateMs: number): void {
  const fields = readerOf(readSingle(der, TAG.sequence, 'revokedCertificate'))
  demand(integerValue(fields.read(TAG.integer, 'userCertificate')) >= 0n, 'serial not negative')
  const revokedAt = timeValue(fields.readAny())
  demand(revokedAt <= thisUpdateMs, 'revocationDate not after thisUpdate')
  if (!fields.isAtEnd) readExtensionList(fields.enter(TAG.sequence, 'crlEntryExtensions'))
  fields.expectEnd('revokedCertificate')
}

function demand(holds: boolean, rule: string): void {
  if (!holds) throw new LintError(`refusing to sign or send: not true that ${rule}`)
}
