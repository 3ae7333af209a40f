/**
 * `auto-registry verify PROOF FILE`: checks a proof of provenance. Online the service judges it; offline its certificates
 * do, and then the answer is never better than INDETERMINATE, since nobody said whether they were revoked.
 * Exit code 0 VALID, 1 INVALID, 2 INDETERMINATE.
 */

import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { AppError } from '../errors'
import { decodePemCertificates, PemError } from '../pki/pem'
import { type OfflineResult, verifyOffline } from '../tokens/offline'
import { type ProofFile, readInput, readProofFile } from './proof-file'

const USAGE =
  'usage: verify PROOF FILE --service URL | verify PROOF FILE --root ROOT.pem [--chain CHAIN.pem] (offline)'

const EXIT_CODE = { VALID: 0, INVALID: 1, INDETERMINATE: 2 } as const
const TIMEOUT_MS = 30_000

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv)
  const [proofPath, contentPath] = positionals
  if (proofPath === undefined || contentPath === undefined || positionals.length > 2) {
    throw new AppError('BAD_USER_INPUT', USAGE)
  }
  const file = readProofFile(proofPath)
  const sha256 = createHash('sha256').update(readInput(contentPath)).digest('hex')
  const result =
    values.service === undefined
      ? await offline(file, sha256, values)
      : await askService(values.service, file.proof, sha256)
  for (const line of describe(result)) process.stdout.write(`${line}\n`)
  return EXIT_CODE[result.verdict]
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { service: { type: 'string' }, root: { type: 'string' }, chain: { type: 'string' } },
    })
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', USAGE, {}, { cause })
  }
}

async function offline(
  file: ProofFile,
  sha256: string,
  { root, chain }: { root?: string | undefined; chain?: string | undefined },
): Promise<OfflineResult> {
  if (root === undefined) throw new AppError('BAD_USER_INPUT', USAGE)
  const chainText = chain === undefined ? file.chain : readInput(chain).toString('utf8')
  return verifyOffline({
    proof: file.proof,
    sha256,
    chain: certificates(chainText, 'the chain'),
    roots: certificates(readInput(root).toString('utf8'), root),
    at: new Date(),
  })
}

function certificates(text: string, what: string): readonly Uint8Array[] {
  try {
    return decodePemCertificates(text)
  } catch (error) {
    if (error instanceof PemError) throw new AppError('BAD_USER_INPUT', `${what}: ${error.message}`)
    throw error
  }
}

const QUERY = `query ($proof: String!, $sha256: String!) { verifyProvenance(proof: $proof, sha256: $sha256) {
  verdict signer model tool claimedAt provenAt timeEvidence anchor { height } failures { code message }
  findings { code message } asOf { height final } } }`

async function askService(service: string, proof: string, sha256: string): Promise<OfflineResult> {
  const url = `${service.replace(/\/+$/, '')}/graphql`
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY, variables: { proof, sha256 } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const { data, errors } = (await response.json()) as ServiceAnswer
    if (data?.verifyProvenance === undefined) throw new Error(errors?.[0]?.message ?? 'no answer')
    return data.verifyProvenance
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('UNAVAILABLE', `${url} did not answer: ${why}`, {}, { cause })
  }
}

type ServiceAnswer = {
  data?: { verifyProvenance?: OfflineResult }
  errors?: { message: string }[]
}

function describe(result: OfflineResult): string[] {
  const fact = (name: string, value: string | null | undefined) =>
    value == null ? [] : [`${name.padEnd(10)} ${value}`]
  return [
    result.verdict,
    ...fact('signer', result.signer),
    ...fact('model', result.model),
    ...fact('tool', result.tool),
    ...fact('claimed', result.claimedAt),
    ...fact('proven', result.provenAt),
    ...result.failures.map(({ code, message }) => `FAILED     ${code}: ${message}`),
    ...result.findings.map(({ code, message }) => `note       ${code}: ${message}`),
  ]
}
