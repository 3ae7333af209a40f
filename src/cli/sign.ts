/** `auto-registry sign FILE --id ID --key KEY.pem`: a proof of provenance for a file, signed as an Auto ID. */

import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CompactSign } from 'jose'
import { isHash32 } from '../bytes'
import { AppError } from '../errors'
import { jwsAlgorithmsOf } from '../tokens/jws'
import { PROVENANCE_TYPE } from '../tokens/proof-format'
import { readInput, renderProofFile } from './proof-file'

const USAGE =
  'usage: sign FILE --id 0x… --key KEY.pem [--model URN] [--tool NAME] [--chain CHAIN.pem] [--out PROOF.json]'

export async function main(argv: readonly string[]): Promise<number> {
  const { file, id, key, model, tool, chain, out } = readArguments(argv)
  const privateKey = readKey(key)
  const content = readInput(file)
  const jws = await signProof(privateKey, {
    sub: id,
    sha256: createHash('sha256').update(content).digest('hex'),
    ...(model === undefined ? {} : { model }),
    ...(tool === undefined ? {} : { tool }),
    iat: Math.floor(Date.now() / 1000),
  })
  const chainPem = chain === undefined ? '' : readInput(chain).toString('utf8')
  const text = renderProofFile({ proof: jws, chain: chainPem })
  if (out === undefined) process.stdout.write(text)
  else writeFileSync(out, text)
  const anchor = createHash('sha256').update(jws, 'latin1').digest('hex')
  process.stderr.write(
    `The time in it is only your word. To prove it, send System.remark_with_event(0x${anchor}).\n`,
  )
  return 0
}

export type ProofClaims = {
  readonly sub: string
  readonly sha256: string
  readonly model?: string
  readonly tool?: string
  /** Seconds since the epoch. */
  readonly iat: number
}

/** @throws {AppError} BAD_USER_INPUT when JOSE has no algorithm for the key. */
export async function signProof(key: KeyObject, claims: ProofClaims): Promise<string> {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const [alg] = jwsAlgorithmsOf(new Uint8Array(spki))
  if (alg === undefined)
    throw new AppError('BAD_USER_INPUT', '--key: no JOSE algorithm for this key')
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg, typ: PROVENANCE_TYPE, kid: claims.sub })
    .sign(key)
}

function readArguments(argv: readonly string[]) {
  const { values, positionals } = parse(argv)
  const [file] = positionals
  const { id, key } = values
  if (file === undefined || id === undefined || key === undefined || positionals.length > 1) {
    throw new AppError('BAD_USER_INPUT', USAGE)
  }
  if (!isHash32(id))
    throw new AppError('BAD_USER_INPUT', '--id: expected 0x and 64 lower-case hex digits')
  const { model, tool, chain, out } = values
  return { file, id, key, model, tool, chain, out }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        id: { type: 'string' },
        key: { type: 'string' },
        model: { type: 'string' },
        tool: { type: 'string' },
        chain: { type: 'string' },
        out: { type: 'string' },
      },
    })
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', USAGE, {}, { cause })
  }
}

function readKey(file: string): KeyObject {
  try {
    return createPrivateKey(readInput(file))
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `${file} holds no private key in PEM`, {}, { cause })
  }
}
