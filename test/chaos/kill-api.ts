/** Kill -9 of the API while it is asked from many connections: no answer is another one than the undisturbed, none half. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { seededRandom } from '../../src/devnet/maker/random'

export type ApiKillReport = {
  kills: number
  /** Complete answers that were compared. */
  answers: number
  /** Questions that the kill left without an answer. */
  lost: number
  /** Kills after which sessions of the killed one were still there, and soon gone. */
  sessionsLeft: number
  /** What must be empty: answers that differ, sessions that stay. */
  differences: string[]
}

export type ApiField = {
  /** An indexed database that nobody writes to. */
  readonly databaseUrl: string
  /** Where `bin/auto-registry.js` is. */
  readonly root: string
  readonly seed: number
  readonly kills: number
}

const CONNECTIONS = 8
const MOST_DELAY_MS = 1_000
const SESSION_TIMEOUT_MS = 30_000

const QUERIES = [
  '{ autoIds(first: 50) { totalCount nodes { id commonName certificate { serial } revocation { reason } } } }',
  '{ events(first: 40) { totalCount nodes { id } } }',
  '{ autoIds(first: 20, filter: { kind: LEAF }) { nodes { id issuer { id } findings { code } } } }',
  '{ search(text: "a") { kind autoId { id } } }',
]

export async function killApi(field: ApiField): Promise<ApiKillReport> {
  const random = seededRandom(field.seed)
  const report = { kills: 0, answers: 0, lost: 0, sessionsLeft: 0, differences: [] as string[] }
  const expected = await undisturbed(field)
  while (report.kills < field.kills) {
    const api = await startApi(field)
    const asking = Array.from({ length: CONNECTIONS }, (_, n) => askOn(api, expected, n, report))
    await untilAnswered(report, asking.length)
    await sleep(random.below(MOST_DELAY_MS))
    // Else their absence afterwards would say nothing.
    if ((await sessionsOf(field.databaseUrl)) === 0) report.differences.push('no session to lose')
    await kill(api)
    report.kills += 1
    await untilNoSessions(field.databaseUrl, report)
    await Promise.all(asking)
  }
  // The one started after the last kill.
  const again = await undisturbed(field)
  for (const [query, answer] of expected) {
    if (again.get(query) !== answer) report.differences.push(`after the kills: ${query}`)
  }
  return report
}

/** Until the caches are warm and the load is real: before, a kill meets a process that has said nothing yet. */
async function untilAnswered(report: ApiKillReport, count: number): Promise<void> {
  const enough = report.answers + count
  const { lost } = report
  while (report.answers < enough && report.lost === lost) await sleep(5)
}

type Api = { readonly process: ChildProcess; readonly url: string }

async function startApi({ databaseUrl, root }: ApiField): Promise<Api> {
  const child = fork(path.join(root, 'bin', 'auto-registry.js'), ['api'], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PORT: '0',
      HOST: '127.0.0.1',
      MAX_HEAD_AGE: '0',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  })
  const ready = once(child, 'message').then(([message]) => (message as { ready: string }).ready)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the API ended by itself: ${code}`)
  })
  ended.catch(() => undefined)
  return { process: child, url: await Promise.race([ready, ended]) }
}

async function kill({ process: child }: Api): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function undisturbed(field: ApiField): Promise<Map<string, string>> {
  const api = await startApi(field)
  try {
    const answers = new Map<string, string>()
    for (const query of QUERIES) {
      const answer = await ask(api, query)
      if (answer.includes('"errors"')) throw new Error(answer)
      answers.set(query, answer)
    }
    return answers
  } finally {
    await kill(api)
  }
}

async function ask({ url }: Api, query: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return response.text()
}

/** One question after the other, until there is no answer any more. */
async function askOn(
  api: Api,
  expected: ReadonlyMap<string, string>,
  offset: number,
  report: ApiKillReport,
): Promise<void> {
  for (let n = offset; ; n++) {
    const query = QUERIES[n % QUERIES.length] ?? ''
    let answer: string
    try {
      answer = await ask(api, query)
    } catch {
      report.lost += 1
      return
    }
    report.answers += 1
    if (answer !== expected.get(query)) {
      report.differences.push(`kill ${report.kills + 1}: ${query} got ${answer.slice(0, 200)}`)
    }
  }
}

/** Postgres notices by itself that the other end of a socket is gone. */
async function untilNoSessions(databaseUrl: string, report: ApiKillReport): Promise<void> {
  const deadline = Date.now() + SESSION_TIMEOUT_MS
  for (let polls = 0; ; polls++) {
    const sessions = await sessionsOf(databaseUrl)
    if (sessions === 0) return
    if (polls === 0) report.sessionsLeft += 1
    if (Date.now() > deadline) {
      report.differences.push(`kill ${report.kills}: ${sessions} sessions stay`)
      return
    }
    await sleep(20)
  }
}

async function sessionsOf(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    return rows[0]?.count ?? 0
  } finally {
    await client.end()
  }
}
