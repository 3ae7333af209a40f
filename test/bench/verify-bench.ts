/** Verdicts beside the bare signatures, and beside a constant resolver of the same server. */

import { execFile } from 'node:child_process'
import { createPublicKey, verify as verifySignature } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { parseCertificate } from '../../src/pki/certificate'
import { registryReaders } from '../../src/store/read/readers'
import type { Evidence } from '../../src/verify/evidence'
import { DEFAULT_POLICY } from '../../src/verify/policy'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import type { LoadOptions } from './http-load'
import {
  alternate,
  type Bench,
  inTurn,
  type Measurement,
  measurement,
  median,
  ratePerCpuSecond,
} from './measurement'
import {
  type Index,
  type Sample,
  type Server,
  startApi,
  stopApi,
  withSmallIndex,
} from './verify-index'

const CONNECTIONS = 8
const WARM_UP_MS = 3_000

/**
 * Verdicts by the RFC 5280 profile from evidence nobody has looked at before, beside the signatures of its path alone.
 * Issuers are known from other verdicts, targets never; since and until when a verdict holds are figures of their own,
 * because only who asks for them pays for them.
 */
const cold: Bench = ({ quick }) =>
  withSmallIndex(quick, async (small) => [
    ...(await coldOn('verify.cold', await readEvidences(small, small.samples), quick)),
    ...(await coldOn('verify.cold.path3', await readEvidences(small, small.deeper), quick)),
  ])

async function coldOn(
  name: string,
  all: readonly Evidence[],
  quick: boolean,
): Promise<Measurement[]> {
  const policy = { ...DEFAULT_POLICY, profile: 'RFC5280' as const }
  const evidences = all.filter((evidence) => verifyEvidence(evidence, policy).verdict === 'VALID')
  if (evidences.length === 0) throw new Error(`${name}: no valid sample`)
  const signatures = evidences.map(signaturesOf)
  const count = signatures[0]?.length ?? 0
  const milliseconds = quick ? 500 : 2_000
  let turn = 0
  const next = <T>(list: readonly T[]): T => list[turn++ % list.length] as T
  const rate = (work: () => void) => () => ratePerCpuSecond(milliseconds, work)
  const loads = [
    rate(() => verifyEvidence(next(evidences), policy)),
    rate(() => verifyEvidence(next(evidences), policy).span()),
    rate(() => {
      for (const check of next(signatures)) check()
    }),
  ]
  // A server has judged thousands before: code is compiled for speed only after some seconds.
  ratePerCpuSecond(WARM_UP_MS, () => verifyEvidence(next(evidences), policy).span())
  const rates = await inTurn(quick ? 3 : 5, loads)
  const [verdict = 0, span = 0, bare = 0] = rates
  const reference = `${count} ${count === 1 ? 'signature' : 'signatures'} of its path alone`
  return [
    measurement(name, verdict, 'verdicts/CPU s', reference, bare),
    measurement(`${name}.span`, span, 'verdicts/CPU s', reference, bare),
  ]
}

async function readEvidences(
  { url }: Index,
  samples: readonly Pick<Sample, 'autoId'>[],
): Promise<Evidence[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ height: number; hash: string; timestamp: Date }>(
    'select height, id as hash, timestamp from block order by height desc limit 1',
  )
  const [head] = rows
  if (head === undefined) throw new Error('an empty index')
  const timeMs = head.timestamp.getTime()
  const state = { height: head.height, hash: head.hash, timeMs, isFinal: true } as const
  const read = registryReaders(client as unknown as Parameters<typeof registryReaders>[0])
  const evidences: Evidence[] = []
  for (const { autoId } of samples.slice(0, 100)) {
    const moment = { state, clockMs: timeMs, knownAt: state } as Parameters<typeof read.evidence>[0]
    evidences.push(await read.evidence(moment, { autoId } as Parameters<typeof read.evidence>[1]))
  }
  await client.end()
  return evidences
}

/** The path's signatures below the anchor, keys imported beforehand: what nobody can do without. */
function signaturesOf({ hops }: Evidence): (() => void)[] {
  return hops.slice(0, -1).flatMap(({ certificate }, position) => {
    const issuer = hops[position + 1]
    if (certificate.der === null || issuer === undefined) return []
    const { tbs, signature } = parseCertificate(certificate.der)
    const spki = Buffer.from(issuer.certificate.spki)
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    return [
      () => {
        if (!verifySignature(null, tbs, key, signature)) throw new Error('a bad sample')
      },
    ]
  })
}

/** The same question again and again, beside a constant of the same server. */
const warm: Bench = ({ quick }) =>
  withSmallIndex(quick, async (small) => {
    const server = await startApi(small.url)
    const [sample] = small.samples
    if (sample === undefined) throw new Error('an empty index')
    const get = (query: string) => `${server.url}/graphql?query=${encodeURIComponent(query)}`
    const verify = get(`{ verify(subject: { autoId: "${sample.autoId}" }) { verdict } }`)
    const seconds = quick ? 1 : 4
    const costs: { verify: number[]; constant: number[] } = { verify: [], constant: [] }
    const measured = async (url: string, into: number[]) => {
      const before = cpuSeconds(server)
      const answered = await rate(url, seconds)
      into.push(((cpuSeconds(server) - before) * 1_000) / (answered * seconds))
      return answered
    }
    const rates = await alternate(
      quick ? 1 : 5,
      () => measured(verify, costs.verify),
      () => measured(get('{ __typename }'), costs.constant),
    )
    await stopApi(server)
    return [
      measurement(
        'verify.warm.cpu',
        median(costs.verify),
        'CPU ms an answer',
        'constant resolver',
        median(costs.constant),
      ),
      measurement('verify.warm', rates.a, 'answers/s', 'constant resolver', rates.b),
    ]
  })

/** Of the process and its threads so far, however busy the machine is: Linux counts it in hundredths. */
function cpuSeconds({ process: { pid } }: Server): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function rate(url: string, seconds: number): Promise<number> {
  const options: LoadOptions = { url, seconds, connections: CONNECTIONS }
  const script = path.join(__dirname, 'http-load.js')
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(options)])
  return Number(stdout)
}

export const benches: Record<string, Bench> = {
  'verify.cold': cold,
  'verify.warm': warm,
}
