/**
 * `auto-registry verify PROOF FILE`: checks a proof of provenance. Online the service judges it; offline its certificates
 * do, and then the answer is never better than INDETERMINATE, since nobody said whether they were revoked.
 * Exit code 0 VALID, 1 INVALID, 2 INDETERMINATE, 3 when there is no verdict.
 */

import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { readBounded } from '../bounded-body'
import { isSafeFromOthers } from '../client/service-url'
import { AppError } from '../errors'
import { decodePemCertificates, PemError } from '../pki/pem'
import { type OfflineResult, verifyOffline } from '../tokens/offline'
import { type ProofFile, readInput, readProofFile } from './proof-file'
import { asText } from './terminal'

const USAGE =
  'usage: verify PROOF FILE --service URL [--anchor AUTO_ID]… [--timestamp TOKEN.der --timestamp-root ROOTS.pem] [--allow-http] | verify PROOF FILE --root ROOT.pem [--chain CHAIN.pem] (offline)'

const EXIT_CODE = { VALID: 0, INVALID: 1, INDETERMINATE: 2 } as const
/** A service that is away, or a file that cannot be read, makes no proof invalid. */
export const failureCode = 3
const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 1_048_576

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv)
  const [proofPath, contentPath] = positionals
  if (proofPath === undefined || contentPath === undefined || positionals.length > 2) {
    throw new AppError('BAD_USER_INPUT', USAGE)
  }
  const file = readProofFile(proofPath)
  const content = readInput(contentPath)
  const digests = { sha256: digestOf('sha256', content), sha512: digestOf('sha512', content) }
  const { service } = values
  const result =
    service === undefined
      ? await offline(file, digests, values)
      : await online(service, { proof: file.proof, ...digests, ...onlineQuestion(values) }, values)
  for (const line of describe(result)) process.stdout.write(`${line}\n`)
  return EXIT_CODE[result.verdict]
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        service: { type: 'string' },
        anchor: { type: 'string', multiple: true },
        timestamp: { type: 'string' },
        'timestamp-root': { type: 'string' },
        'allow-http': { type: 'boolean' },
        root: { type: 'string' },
        chain: { type: 'string' },
      },
    })
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', USAGE, {}, { cause })
  }
}

type Values = ReturnType<typeof parse>['values']
type Digests = { readonly sha256: string; readonly sha512: string }

function digestOf(hash: string, content: Uint8Array): string {
  return createHash(hash).update(content).digest('hex')
}

/** A rule that would not be asked for must not seem to be kept. */
function refuse(values: Values, names: readonly (keyof Values)[], why: string): void {
  const given = names.filter((name) => values[name] !== undefined)
  if (given.length > 0) throw new AppError('BAD_USER_INPUT', `--${given[0]} ${why}; ${USAGE}`)
}

function onlineQuestion(values: Values): Record<string, unknown> {
  refuse(values, ['root', 'chain'], 'goes without --service; online roots are named by --anchor')
  const { anchor, timestamp, 'timestamp-root': timestampRoot } = values
  return {
    trustAnchors: anchor ?? null,
    timestamps: timestamp === undefined ? null : [readInput(timestamp).toString('base64')],
    timestampAnchors: timestampRoot === undefined ? null : readInput(timestampRoot).toString(),
  }
}

/** Its verdict is not signed: where others could change it, it counts only if the user says so. */
async function online(
  service: string,
  question: Record<string, unknown>,
  values: Values,
): Promise<OfflineResult> {
  if (!URL.canParse(service)) throw new AppError('BAD_USER_INPUT', `--service ${service} is no URL`)
  const message = 'without https anybody on the way could change the answer'
  if (isSafeFromOthers(new URL(service))) return askService(service, question)
  if (values['allow-http'] !== true) {
    throw new AppError('BAD_USER_INPUT', `--service ${service}: ${message}; --allow-http asks it`)
  }
  const result = await askService(service, question)
  return { ...result, findings: [...result.findings, { code: 'NOT_AUTHENTICATED', message }] }
}

async function offline(file: ProofFile, digests: Digests, values: Values): Promise<OfflineResult> {
  refuse(values, ['anchor', 'timestamp', 'timestamp-root', 'allow-http'], 'goes with --service')
  const { root, chain } = values
  if (root === undefined) throw new AppError('BAD_USER_INPUT', USAGE)
  const chainText = chain === undefined ? file.chain : readInput(chain).toString('utf8')
  return verifyOffline({
    proof: file.proof,
    ...digests,
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

const QUERY = `query ($proof: String!, $sha256: String!, $sha512: String!, $trustAnchors: [ID!], $timestamps: [String!],
  $timestampAnchors: String) { verifyProvenance(proof: $proof, sha256: $sha256, sha512: $sha512,
  trustAnchors: $trustAnchors, timestamps: $timestamps, timestampAnchors: $timestampAnchors) {
  verdict signer model tool claimedAt provenAt timeEvidence anchor { height } failures { code message }
  findings { code message } asOf { height final } } }`

async function askService(
  service: string,
  variables: Record<string, unknown>,
): Promise<OfflineResult> {
  const url = `${service.replace(/\/+$/, '')}/graphql`
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY, variables }),
      // Not to where others could change the answer.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const bytes = await readBounded(response.body, MAX_ANSWER_BYTES)
    if (bytes === null) throw new Error(`an answer over ${MAX_ANSWER_BYTES} bytes`)
    const { data, errors } = JSON.parse(bytes.toString('utf8')) as ServiceAnswer
    if (data?.verifyProvenance === undefined) throw new Error(errors?.[0]?.message ?? 'no answer')
    if (!Object.hasOwn(EXIT_CODE, data.verifyProvenance.verdict)) throw new Error('no verdict')
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
  const lines = [
    result.verdict,
    ...fact('signer', result.signer),
    ...fact('model', result.model),
    ...fact('tool', result.tool),
    ...fact('claimed', result.claimedAt),
    ...fact('proven', result.provenAt),
    ...result.failures.map(({ code, message }) => `FAILED     ${code}: ${message}`),
    ...result.findings.map(({ code, message }) => `note       ${code}: ${message}`),
  ]
  return lines.map(asText)
}
