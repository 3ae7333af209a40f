/**
 * A Postgres of our own for people who bring none: initialised once, started, found again after a crash of
 * this process, stopped. The server listens on 127.0.0.1 with a password kept beside its data.
 */

import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync } from 'node:fs'
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { AppError } from '../errors'
import { type Binaries, prepareBinaries } from './binaries'
import { dataPlace } from './place'
import { isAlive, readRunning, waitUntilGone } from './postmaster'
import { chooseRunAs, type RunAs } from './run-as'

export type EmbeddedPostgres = {
  /** `postgres://…` of the database `auto_registry`, as its owner. */
  readonly url: string
  /** Where the data lies. */
  readonly place: string
  /** A server left over by an earlier process was found running. */
  readonly reused: boolean
  /** Starts the server again, at the same URL, when it is gone; false when it is not. */
  revive(): Promise<boolean>
  /** Ends the server; its data stays. */
  stop(): Promise<void>
  /** The same, unless somebody else is connected. */
  stopWhenUnused(): Promise<void>
}

export type EmbeddedOptions = {
  readonly dataDir: string
  /** Extra `name=value` settings of the server. */
  readonly settings?: readonly string[]
}

const superuser = 'auto_registry'
const database = 'auto_registry'
const startTimeoutMs = 60_000

/** @throws {AppError} UNAVAILABLE with the server's own last words when it does not start. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { place, runAs } = await dataPlace(options.dataDir, chooseRunAs())
  const pgdata = path.join(place, 'data')
  const binaries = await prepareBinaries(runAs)
  if (!existsSync(pgdata)) await initialise(binaries, place, runAs)
  const password = (await readFile(path.join(place, 'password'), 'utf8')).trim()
  const urlAt = (port: number, name: string) =>
    `postgres://${superuser}:${password}@127.0.0.1:${port}/${name}`

  const left = await readRunning(pgdata)
  const start = (port: number) =>
    untilOrphansAreGone(async () => {
      const server = await launch(binaries, place, runAs, options.settings ?? [], port)
      await untilAnswering(urlAt(port, 'postgres'), server.pid, place)
      return server
    })
  let running = left ?? (await start(await freePort()))
  const maintenanceUrl = urlAt(running.port, 'postgres')
  if (left !== null) await untilAnswering(maintenanceUrl, running.pid, place)
  await ensureDatabase(maintenanceUrl)
  return {
    url: urlAt(running.port, database),
    place,
    reused: left !== null,
    revive: async () => {
      if (isAlive(running.pid)) return false
      await readRunning(pgdata)
      running = await start(running.port)
      return true
    },
    stop: () => stopServer(running.pid),
    stopWhenUnused: async () => {
      if (!(await isUsed(maintenanceUrl))) await stopServer(running.pid)
    },
  }
}

/** Into a directory of another name first: a kill in the middle leaves nothing half made. */
async function initialise(binaries: Binaries, place: string, runAs: RunAs): Promise<void> {
  const partial = path.join(place, 'data.partial')
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { mode: 0o700 })
  const passwordFile = path.join(place, 'password')
  await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  if (runAs !== null) {
    await chown(partial, runAs.uid, runAs.gid)
    await chown(passwordFile, runAs.uid, runAs.gid)
  }
  const flags = [
    `--pgdata=${partial}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]
  try {
    await promisify(execFile)(binaries.initdb, flags, { ...(runAs ?? {}), cwd: place })
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.trim().split('\n').at(-1) : String(cause)
    throw new AppError('UNAVAILABLE', `initdb failed: ${said}`, { place }, { cause })
  }
  await rename(partial, path.join(place, 'data'))
}

/** Children of a killed server end by themselves when they notice; until then Postgres refuses to start on their data. */
async function untilOrphansAreGone<T>(start: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    try {
      return await start()
    } catch (error) {
      const isHeldUp = error instanceof Error && /shared memory block/.test(error.message)
      if (!isHeldUp || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

async function launch(
  binaries: Binaries,
  place: string,
  runAs: RunAs,
  settings: readonly string[],
  port: number,
): Promise<{ pid: number; port: number }> {
  const logFile = path.join(place, 'postgres.log')
  await writeFile(logFile, '', { mode: 0o600 })
  const log = openSync(logFile, 'a')
  const all = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `shared_buffers=${sharedBuffersMb(memoryBytes())}MB`,
    // After each checkpoint every page that is written to is logged whole: the fewer, the less of them. Disk it may take.
    'max_wal_size=4GB',
    'checkpoint_timeout=15min',
    ...settings,
  ]
  // Detached: a Ctrl-C in the terminal must reach us first, so that clients end before the server does.
  const child = spawn(
    binaries.postgres,
    ['-D', path.join(place, 'data'), ...all.flatMap((setting) => ['-c', setting])],
    { ...(runAs ?? {}), cwd: place, detached: true, stdio: ['ignore', log, log] },
  )
  closeSync(log)
  child.on('error', () => undefined)
  child.unref()
  if (child.pid === undefined) {
    throw new AppError('UNAVAILABLE', `cannot run ${binaries.postgres}: set DATABASE_URL`)
  }
  return { pid: child.pid, port }
}

/** Of the machine, or of the container (cgroup) this process may use up: 0, or more than there is, without a limit. */
function memoryBytes(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
}

/**
 * The default of 128 MB is outgrown at some 16,000 certificates, and from then on every new row reads pages of its indexes
 * anew. An eighth of the machine's memory, at most what the indexes of a million take; it is taken as it is filled.
 */
export function sharedBuffersMb(machineBytes: number): number {
  const eighth = Math.floor(machineBytes / 8 / 1024 / 1024)
  return Math.min(4096, Math.max(128, eighth))
}

async function untilAnswering(url: string, pid: number, place: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const failure = await tryQuery(url, 'select 1')
    if (failure === null) return
    if (!isAlive(pid) || Date.now() > deadline) {
      const log = await readFile(path.join(place, 'postgres.log'), 'utf8').catch(() => '')
      const lines = log.trim().split('\n')
      const said = lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1)
      throw new AppError('UNAVAILABLE', `embedded Postgres did not start: ${said || failure}`, {
        place,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

async function tryQuery(url: string, sql: string): Promise<string | null> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(sql)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const failure = await tryQuery(url, `create database ${database}`)
  if (failure !== null && !failure.includes('already exists')) {
    throw new AppError('UNAVAILABLE', `embedded Postgres: ${failure}`)
  }
}

async function isUsed(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rowCount } = await client.query(
      "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    return (rowCount ?? 0) > 0
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** SIGINT is Postgres' fast shutdown (it ends sessions), SIGQUIT the immediate one. */
async function stopServer(pid: number): Promise<void> {
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  if (await waitUntilGone(pid, 30_000)) return
  process.kill(pid, 'SIGQUIT')
  await waitUntilGone(pid, 10_000)
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
