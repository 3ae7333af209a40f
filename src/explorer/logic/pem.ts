import { fromBase64, toBase64, toBase64Url } from './bytes'
import { leafFirst } from './leaf-first'

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
  const begun = countOf(text)
  const ders = [...text.matchAll(BLOCK)].map(([, , body]) => fromBase64(body ?? ''))
  const whole = ders.flatMap((der) => (der === undefined || der.length === 0 ? [] : [der]))
  if (begun === 0 || whole.length !== begun) return undefined
  return whole.map((der) => toPem(der)).join('')
}

export function toPem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/**
 * The certificates of files given together as one PEM, leaf first: nobody chooses the order of dropped files. Undefined
 * when one of the files cannot be read: a verdict without it would answer another question.
 */
export async function certificatesOfFiles(files: readonly File[]): Promise<string | undefined> {
  const found = await Promise.all(files.map((file) => certificatesOfFile(file)))
  const pems = found.filter((pem) => pem !== undefined)
  if (pems.length === 0 || pems.length < files.length) return undefined
  const pem =
    pems.length === 1
      ? pems.join('')
      : leafFirst(dersOf(pems.join('')))
          .map(toPem)
          .join('')
  return pem.length > MAX_PEM_LENGTH ? undefined : pem
}

/** PEM text, or one DER certificate. What is no file, such as a folder, has none. */
async function certificatesOfFile(file: File): Promise<string | undefined> {
  if (file.size > MAX_PEM_LENGTH) return undefined
  const buffer = await file.arrayBuffer().catch(() => undefined)
  if (buffer === undefined) return undefined
  const bytes = new Uint8Array(buffer)
  const pem = certificatesIn(new TextDecoder().decode(bytes))
  if (pem !== undefined) return pem
  return bytes[0] === 0x30 && bytes.length > 64 ? toPem(bytes) : undefined
}

/** How many certificates a text begins. */
export function countOf(text: string): number {
  return text.match(BEGIN)?.length ?? 0
}

function dersOf(pem: string): Uint8Array[] {
  return [...pem.matchAll(BLOCK)].flatMap(([, , body]) => fromBase64(body ?? '') ?? [])
}

/** Certificates packed for a link's fragment, which browsers never send to the server. */
export function packPem(pem: string): string {
  return dersOf(pem).map(toBase64Url).join('.')
}

export function unpackPem(packed: string): string | undefined {
  if (packed === '' || packed.length > MAX_PEM_LENGTH) return undefined
  const ders = packed.split('.').map(fromBase64)
  return ders.some((der) => der === undefined)
    ? undefined
    : ders.map((der) => der && toPem(der)).join('')
}
