import { sha256 } from '@noble/hashes/sha2'
import { toBase64, toHex } from './bytes'

/**
 * SHA-256 of a file as 64 hex digits, read piece by piece: the file never leaves the browser, and may
 * be larger than memory. Not WebCrypto, which wants it whole, and only works on https.
 */
export async function hashOfFile(file: Blob): Promise<string> {
  const hash = sha256.create()
  const reader = file.stream().getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return toHex(hash.digest()).slice(2)
    hash.update(value)
  }
}

const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
/** A proof goes with a post: anything larger is content. */
const MAX_PROOF = 262_144

/** The text of a file that is a proof (compact JWS, or CMS as PEM or DER); undefined for content. */
export async function proofOfFile(file: File): Promise<string | undefined> {
  if (file.size > MAX_PROOF) return undefined
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = new TextDecoder().decode(bytes).trim()
  if (JWS.test(text) || /-----BEGIN (CMS|PKCS7)-----/.test(text)) return text
  const isCms = bytes[0] === 0x30 && /\.(p7s|p7m|cms)$/i.test(file.name)
  return isCms ? toBase64(bytes) : undefined
}
