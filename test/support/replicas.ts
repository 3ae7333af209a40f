/** A primary and streaming replicas of it, from the embedded binaries: copies of the data made while the primary rests. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chown, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { prepareBinaries } from '../../src/embedded/binaries'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres'
import { chooseRunAs } from '../../src/embedded/run-as'
import { until } from './until'

export type Replica = {
  readonly url: string
  /** Blocks go on arriving, but are not shown. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends it at once, connections and all. */
  kill(): Promise<void>
}

export type Cluster = {
  readonly url: string
  readonly replicas: readonly Replica[]
  /** Until every replica that is not paused shows what the primary has committed. */
  caughtUp(replicas?: readonly Replica[]): Promise<void>
  stop(): Promise<void>
}

export async function startCluster(count: number): Promise<Cluster> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-cluster-'))
  const options = { dataDir, settings: ['fsync=off', 'wal_level=replica'] }
  const first = await startEmbeddedPostgres(options)
  await first.stop()
  const places: string[] = []
  for (let i = 0; i < count; i++)
    places.push(await copyData(first.place, `${first.place}-replica-${i}`))
  const primary = await startEmbeddedPostgres(options)
  const replicas = await Promise.all(places.map((place) => startReplica(place, primary.url)))
  const closers = [
    ...replicas.map(({ kill }) => kill),
    () => primary.stop(),
    ...[...places, primary.place, dataDir].map(
      (place) => () => rm(place, { recursive: true, force: true }),
    ),
  ]
  return {
    url: primary.url,
    replicas,
    caughtUp: (waited = replicas) => untilCaughtUp(primary, waited),
    stop: async () => {
      for (const close of closers) await close()
    },
  }
}

async function copyData(from: string, to: string): Promise<string> {
  await cp(path.join(from, 'data'), path.join(to, 'data'), { recursive: true })
  await writeFile(path.join(to, 'data', 'standby.signal'), '')
  const runAs = chooseRunAs()
  if (runAs === null) return to
  await chown(to, runAs.uid, runAs.gid)
  for (const entry of await readdir(to, { recursive: true })) {
    await chown(path.join(to, entry), runAs.uid, runAs.gid)
  }
  return to
}

async function startReplica(place: string, primaryUrl: string): Promise<Replica> {
  const runAs = chooseRunAs()
  const { postgres } = await prepareBinaries(runAs)
  const port = await freePort()
  const source = new URL(primaryUrl)
  const info = `host=127.0.0.1 port=${source.port} user=${source.username} password=${source.password}`
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'hot_standby_feedback=on',
    `primary_conninfo=${info}`,
  ]
  const flags = settings.flatMap((setting) => ['-c', setting])
  const data = path.join(place, 'data')
  const server = spawn(postgres, ['-D', data, ...flags], { ...runAs, cwd: place, stdio: 'ignore' })
  source.port = String(port)
  const url = source.href
  await until(
    () =>
      run(url, 'select 1').then(
        () => true,
        () => false,
      ),
    `replica at ${port}`,
  )
  return {
    url,
    pause: () => run(url, 'select pg_wal_replay_pause()').then(() => undefined),
    resume: () => run(url, 'select pg_wal_replay_resume()').then(() => undefined),
    kill: () => endAtOnce(server),
  }
}

/** SIGQUIT: no good-byes to clients, and Postgres' own children end with it. */
async function endAtOnce(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGQUIT')
  await ended
}

async function untilCaughtUp(
  primary: EmbeddedPostgres,
  replicas: readonly Replica[],
): Promise<void> {
  const [row] = await run(primary.url, 'select pg_current_wal_lsn()::text as lsn')
  for (const { url } of replicas) {
    const sql = `select pg_last_wal_replay_lsn() >= '${row?.['lsn']}'::pg_lsn as is_there`
    await until(async () => (await run(url, sql))[0]?.['is_there'] === true, `${url} to catch up`)
  }
}

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

export type Balancer = { readonly url: string; stop(): Promise<void> }

/** HAProxy, one request to each backend in turn, as docs/scaling.md configures it. @throws when it is not installed */
export async function startHaproxy(backends: readonly string[]): Promise<Balancer> {
  const dir = await mkdtemp(path.join(tmpdir(), 'auto-registry-haproxy-'))
  const port = await freePort()
  const servers = backends.map((url, i) => `  server api${i} ${new URL(url).host} check inter 500`)
  const config = [
    'defaults',
    '  mode http',
    '  timeout connect 2s',
    '  timeout check 10s',
    '  timeout client 30s',
    '  timeout server 30s',
    '  retries 1',
    '  option redispatch',
    'frontend public',
    `  bind 127.0.0.1:${port}`,
    '  default_backend apis',
    'backend apis',
    '  balance roundrobin',
    '  option httpchk GET /readyz',
    ...servers,
    '',
  ]
  const file = path.join(dir, 'haproxy.cfg')
  await writeFile(file, config.join('\n'))
  const command = await which('haproxy')
  const child = spawn(command, ['-db', '-f', file], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
    await rm(dir, { recursive: true, force: true })
  }
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true
  await until(isReady, 'haproxy').catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { url, stop }
}

async function which(program: string): Promise<string> {
  for (const dir of ['/usr/sbin', '/usr/local/sbin', ...(process.env['PATH'] ?? '').split(':')]) {
    const file = path.join(dir, program)
    const found = await promisify(execFile)(file, ['-v']).catch(() => null)
    if (found !== null) return file
  }
  throw new Error(`${program} is needed for this test: apt-get install ${program}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
