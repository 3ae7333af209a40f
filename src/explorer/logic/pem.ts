import { fromBase64, toBase64, toBase64Url } from './bytes'

const BEGIN = /-----BEGIN (?:[A-Z0-9]+ )*CERTIFICATE-----/g
/** `X509 CERTIFICATE` is what RFC 7468 §5.3 calls the same thing in older files. */
const BLOCK = /-----BEGIN (X509 )?CERTIFICATE-----([^-]*)-----END \1CERTIFICATE-----/g
/** A chain of ten RSA-4096 certificates is under 20 kB; a file above this is no certificate. */
const MAX_PEM_LENGTH = 65_536

/**
 * The certificates of a text as one PEM, leaf first as given. Undefined when there is none, and when one of them is
 * damaged: without it another one would stand first, and the verdict would be about that.
 */
export function certificatesIn(text: string): string | undefined {
  if (text.length > MAX_PEM_LENGTH) return undefined
  const begun = text.match(BEGIN)?.length ?? 0
  const ders = [...text.matchAll(BLOCK)].map(([, , body]) => fromBase64(body ?? ''))
  const whole = ders.flatMap((der) => (der === undefined || der.length === 0 ? [] : [der]))
  if (begun === 0 || whole.length !== begun) return undefined
  return whole.map((der) => toPem(der)).join('')
}

export function toPem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** The certificates of a dropped file: PEM text, or one DER certificate. */
export async function certificatesOfFile(file: File): Promise<string | undefined> {
  if (file.size > MAX_PEM_LENGTH) return undefined
  const bytes = new Uint8Array(await file.arrayBuffer())
  const pem = certificatesIn(new TextDecoder().decode(bytes))
  if (pem !== undefined) return pem
  return bytes[0] === 0x30 && bytes.length > 64 ? toPem(bytes) : undefined
}

/** Certificates packed for a link's fragment, which browsers never send to the server. */
export function packPem(pem: string): string {
  const blocks = [...pem.matchAll(BLOCK)].map(([, , body]) => fromBase64(body ?? ''))
  return blocks.flatMap((der) => (der === undefined ? [] : [toBase64Url(der)])).join('.')
}

export function unpackPem(packed: string): string | undefined {
  if (packed === '' || packed.length > MAX_PEM_LENGTH) return undefined
  const ders = packed.split('.').map(fromBase64)
  return ders.some((der) => der === undefined)
    ? undefined
    : ders.map((der) => der && toPem(der)).join('')
}
