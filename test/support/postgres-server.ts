/**
 * The Postgres server of a test run, started on first demand: a container where Docker answers, else the
 * embedded one, else `DATABASE_URL`.
 */

import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '../../src/embedded/postgres'
import { isAlive, waitUntilGone } from '../../src/embedded/postmaster'

export type TestServer = {
  /** `postgres://…` of a maintenance database, as a superuser. */
  readonly url: string
  readonly name: string
  stop(): Promise<void>
}

/** Tests need no durability. */
const settings = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200',
]

export async function startTestServer(): Promise<TestServer> {
  const failures: string[] = []
  for (const start of [startContainer, startEmbedded, useDatabaseUrl]) {
    try {
      return await start()
    } catch (error) {
      failures.push(`${start.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(`no Postgres for the tests. ${failures.join(' | ')}`)
}

async function startContainer(): Promise<TestServer> {
  if (!existsSync('/var/run/docker.sock') && process.env['DOCKER_HOST'] === undefined) {
    throw new Error('Docker is not there')
  }
  const { getContainerRuntimeClient } = await import('testcontainers')
  await getContainerRuntimeClient()
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql')
  const flags = settings.flatMap((setting) => ['-c', setting])
  const container = await new PostgreSqlContainer('postgres:18-alpine')
    .withCommand(['postgres', ...flags])
    .start()
  return {
    url: container.getConnectionUri(),
    name: 'container',
    stop: () => container.stop().then(() => undefined),
  }
}

const prefix = 'auto-registry-test-'

async function startEmbedded(): Promise<TestServer> {
  await removeAbandoned()
  const dataDir = await mkdtemp(path.join(tmpdir(), prefix))
  await writeFile(path.join(dataDir, 'owner.pid'), String(process.pid))
  const server = await startEmbeddedPostgres({ dataDir, settings })
  return {
    url: server.url.replace(/auto_registry$/, 'postgres'),
    name: 'embedded',
    stop: async () => {
      await server.stop()
      await rm(server.place, { recursive: true, force: true })
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function useDatabaseUrl(): Promise<TestServer> {
  const url = process.env['DATABASE_URL']
  if (url === undefined) throw new Error('not set')
  return { url, name: 'DATABASE_URL', stop: async () => undefined }
}

/** Servers of runs that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const dir = path.join(tmpdir(), name)
    const owner = Number(await readFile(path.join(dir, 'owner.pid'), 'utf8').catch(() => '0'))
    if (owner === 0 || isAlive(owner)) continue
    const pidFile = path.join(dir, 'postgres', 'data', 'postmaster.pid')
    const pid = Number((await readFile(pidFile, 'utf8').catch(() => '0')).split('\n')[0])
    if (pid > 0 && isAlive(pid)) {
      process.kill(pid, 'SIGQUIT')
      await waitUntilGone(pid, 5_000)
    }
    await rm(dir, { recursive: true, force: true })
  }
}
