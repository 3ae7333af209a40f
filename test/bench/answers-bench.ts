/** The tail latency of each common question over a large index beside a small one. */

import { Agent, request } from 'node:http'
import { type Bench, type Measurement, measurement } from './measurement'
import {
  type Index,
  type Sample,
  type Server,
  startApi,
  stopApi,
  withIndexes,
} from './verify-index'

const agent = new Agent({ keepAlive: true })

/** A question about one of the samples. */
const questions: Readonly<Record<string, (sample: Sample) => string>> = {
  autoId: ({ autoId }) =>
    `{ autoId(id: "${autoId}") { id status commonName issuer { id } certificate { fingerprint } } }`,
  certificateChain: ({ autoId }) =>
    `{ certificateChain(autoId: "${autoId}") { complete certificates { serial } pem } }`,
  revocationStatus: ({ autoId }) =>
    `{ revocationStatus(of: { autoId: "${autoId}" }) { status reason revokedAt { height } } }`,
  verify: ({ autoId }) =>
    `{ verify(subject: { autoId: "${autoId}" }) { verdict failures { code } chain { checks { code outcome } } } }`,
  eventsPage: ({ autoId }) =>
    `{ events(filter: { autoId: "${autoId}" }, first: 20) { nodes { id kind } } newest: events(first: 20, orderBy: NEWEST_FIRST) { nodes { id kind } } }`,
  searchName: ({ name }) => `{ search(text: "${name}") { kind label matched } }`,
  searchSerial: ({ serial }) => `{ search(text: "${serial}") { kind label matched } }`,
}

const answers: Bench = ({ quick }) =>
  withIndexes(quick, async (small, large) => {
    const servers = { small: await startApi(small.url), large: await startApi(large.url) }
    const results: Measurement[] = []
    for (const [name, question] of Object.entries(questions)) {
      const times = await interleave(servers, { small, large }, question, quick ? 300 : 2_000)
      for (const [label, share] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const) {
        results.push(
          measurement(
            `verify.answers.${name}.${label}`,
            quantile(times.large, share),
            `ms at ${large.size.toLocaleString('en')}`,
            `at ${small.size.toLocaleString('en')}`,
            quantile(times.small, share),
          ),
        )
      }
    }
    await stopApi(servers.small)
    await stopApi(servers.large)
    return results
  })

type Pair<T> = { readonly small: T; readonly large: T }

/** One question to the small index, one to the large: whatever else the machine does hits both alike. */
async function interleave(
  servers: Pair<Server>,
  indexes: Pair<Index>,
  question: (sample: Sample) => string,
  count: number,
): Promise<{ small: number[]; large: number[] }> {
  const times: { small: number[]; large: number[] } = { small: [], large: [] }
  const warmUp = 50
  for (let i = -warmUp; i < count; i++) {
    for (const side of ['small', 'large'] as const) {
      const { samples } = indexes[side]
      const sample = samples[(i + warmUp) % samples.length]
      if (sample === undefined) throw new Error('an empty index')
      const started = performance.now()
      await ask(servers[side].url, question(sample))
      if (i >= 0) times[side].push(performance.now() - started)
    }
  }
  return times
}

async function ask(url: string, query: string): Promise<void> {
  const body = JSON.stringify({ query })
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    })
    sent.once('error', reject).end(body)
  })
  if (!text.startsWith('{"data":')) throw new Error(`not answered: ${text.slice(0, 300)}`)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const benches: Record<string, Bench> = { 'verify.answers': answers }
