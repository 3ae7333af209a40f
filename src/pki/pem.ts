/** PEM (RFC 7468): text around DER, bounded. */

export type PemBlock = {
  /** `CERTIFICATE`, `X509 CRL`, … */
  readonly label: string
  readonly der: Uint8Array
}

/** Text that is not PEM, or more of it than anybody needs. */
export class PemError extends Error {
  override readonly name = 'PemError'
}

/** 4 MiB of text, 1,000 blocks. */
const MAX_TEXT = 4_194_304
const MAX_BLOCKS = 1000

/**
 * Every block of the text, in order; whatever stands between them is skipped (RFC 7468 §2 allows it).
 * @throws {PemError} when a block is cut short, its labels differ or its Base64 is not canonical.
 */
export function decodePem(text: string): readonly PemBlock[] {
  if (text.length > MAX_TEXT) throw new PemError(`PEM text over ${MAX_TEXT} characters`)
  const blocks: PemBlock[] = []
  const begin = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const label = match[1] ?? ''
    const end = `-----END ${label}-----`
    const start = match.index + match[0].length
    const stop = text.indexOf('-----', start)
    if (stop < 0 || !text.startsWith(end, stop)) throw new PemError(`no ${end} where it should be`)
    if (blocks.length >= MAX_BLOCKS) throw new PemError(`more than ${MAX_BLOCKS} PEM blocks`)
    blocks.push({ label, der: decodeBase64(text.slice(start, stop)) })
    begin.lastIndex = stop + end.length
  }
  return blocks
}

/** DER of every CERTIFICATE block. @throws {PemError} also when there is none. */
export function decodePemCertificates(text: string): readonly Uint8Array[] {
  const certificates = decodePem(text).filter((block) => block.label === 'CERTIFICATE')
  if (certificates.length === 0) throw new PemError('no CERTIFICATE block in the text')
  return certificates.map((block) => block.der)
}

/** One block, 64 characters a line, ending in a line feed. */
export function encodePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.length).toString('base64')
  const lines = base64.match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function decodeBase64(body: string): Uint8Array {
  const compact = body.replace(/[\t\n\v\f\r ]/g, '')
  const bytes = Buffer.from(compact, 'base64')
  // Buffer skips what it does not know; only text that comes out the same was Base64.
  if (compact === '' || bytes.toString('base64') !== compact) {
    throw new PemError('PEM block with contents that are not Base64')
  }
  return new Uint8Array(bytes)
}
