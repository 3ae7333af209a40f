/** The file that goes with a post: a proof, and on demand the certificates to check it offline. */

import { readFileSync } from 'node:fs'
import { AppError } from '../errors'

export type ProofFile = {
  /** Compact JWS, or CMS as PEM or base64. */
  readonly proof: string
  /** PEM certificates, the signer's first; empty when the file brings none. */
  readonly chain: string
}

const MAX_PROOF_FILE_BYTES = 1_048_576

export function readInput(file: string, limit = Number.POSITIVE_INFINITY): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `cannot read ${file}`, {}, { cause })
  }
  if (bytes.length > limit) throw new AppError('BAD_USER_INPUT', `${file} is over ${limit} bytes`)
  return bytes
}

/** `{"proof": …, "chain": …}` as `sign` writes it, or the bare proof. @throws {AppError} BAD_USER_INPUT. */
export function readProofFile(file: string): ProofFile {
  const bytes = readInput(file, MAX_PROOF_FILE_BYTES)
  const text = bytes.toString('utf8').trim()
  // Binary CMS begins with a SEQUENCE.
  if (bytes[0] === 0x30) return { proof: bytes.toString('base64'), chain: '' }
  if (!text.startsWith('{')) return { proof: text, chain: '' }
  try {
    const { proof, chain } = JSON.parse(text) as { proof?: unknown; chain?: unknown }
    if (typeof proof === 'string' && (chain === undefined || typeof chain === 'string')) {
      return { proof, chain: chain ?? '' }
    }
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `${file} is no proof file`, {}, { cause })
  }
  throw new AppError('BAD_USER_INPUT', `${file} is no proof file: it needs a text "proof"`)
}

export function renderProofFile({ proof, chain }: ProofFile): string {
  return `${JSON.stringify(chain === '' ? { proof } : { proof, chain })}\n`
}
