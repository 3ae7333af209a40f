import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres'
import { isAlive, readRunning, waitUntilGone } from '../../src/embedded/postmaster'
import { chooseRunAs } from '../../src/embedded/run-as'

let root: string
let started: EmbeddedPostgres | undefined

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'embedded-'))
})
afterEach(async () => {
  await started?.stop()
  if (started !== undefined) await rm(started.place, { recursive: true, force: true })
  started = undefined
  await rm(root, { recursive: true, force: true })
})

const start = async (dataDir = root) => {
  started = await startEmbeddedPostgres({ dataDir, settings: ['fsync=off'] })
  return started
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const postmasterPid = async ({ place }: EmbeddedPostgres) =>
  Number((await readFile(path.join(place, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])

/** Until the server's log says that its data are still used. */
async function untilRefused(place: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const log = await readFile(path.join(place, 'postgres.log'), 'utf8').catch(() => '')
    if (/shared memory block/.test(log)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('startEmbeddedPostgres', () => {
  test('keeps its data from one start to the next, and folds case beyond ASCII', async () => {
    const first = await start()
    await query(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    const second = await start()
    expect(second.reused).toBe(false)
    expect(await query(second.url, "select answer, lower('É') as folded from kept")).toEqual([
      { answer: 42, folded: 'é' },
    ])
  })

  test('asks for the password it made', async () => {
    const { url } = await start()
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password/)
  })

  test('finds a server that a killed process left running', async () => {
    const first = await start()
    const second = await start()
    expect(second).toMatchObject({ reused: true, url: first.url })
  })

  test('recovers after the server itself was killed', async () => {
    const first = await start()
    await query(first.url, 'create table kept as select 42 as answer')
    const pid = await postmasterPid(first)
    process.kill(pid, 'SIGKILL')
    await waitUntilGone(pid, 5_000)
    const second = await start()
    expect(second.reused).toBe(false)
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test('is revived at the same URL after it was killed, and left alone while it lives', async () => {
    const server = await start()
    await query(server.url, 'create table kept as select 42 as answer')
    expect(await server.revive()).toBe(false)
    const pid = await postmasterPid(server)
    process.kill(pid, 'SIGKILL')
    await waitUntilGone(pid, 5_000)
    expect(await server.revive()).toBe(true)
    expect(await query(server.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test('is not held up by a stale postmaster.pid whose number now is another program', async () => {
    const first = await start()
    await first.stop()
    const file = path.join(first.place, 'data', 'postmaster.pid')
    await writeFile(file, `${process.pid}\n${first.place}/data\n1\n5432\n\n127.0.0.1\n`)
    expect((await start()).reused).toBe(false)
  })

  // With the file removed in any case (tried in `readRunning`) it is gone where it is looked for.
  test('after a kill, waits for orphaned children of the dead server before it recovers', async () => {
    const first = await start()
    const pid = await postmasterPid(first)
    const client = new Client({ connectionString: first.url })
    client.on('error', () => undefined)
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const orphan = rows[0]?.pid ?? 0
    // A stopped child cannot notice that its server is gone.
    process.kill(orphan, 'SIGSTOP')
    try {
      process.kill(pid, 'SIGKILL')
      await waitUntilGone(pid, 5_000)
      expect(await readRunning(path.join(first.place, 'data'))).toBeNull()
      expect(await postmasterPid(first)).toBe(pid)
      let isStarted = false
      const revived = first.revive().finally(() => {
        isStarted = true
      })
      await untilRefused(first.place, () => isStarted)
      expect(isStarted).toBe(false)
      process.kill(orphan, 'SIGKILL')
      expect(await revived).toBe(true)
    } finally {
      if (isAlive(orphan)) process.kill(orphan, 'SIGKILL')
      await client.end().catch(() => undefined)
    }
  })

  test('works in a directory that only its owner can enter', async () => {
    const closed = path.join(root, 'home')
    await mkdir(closed)
    await chmod(closed, 0o700)
    const first = await start(path.join(closed, '.data'))
    await query(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    const second = await start(path.join(closed, '.data'))
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    expect(second.place).toBe(first.place)
  })

  test('begins afresh when the data directory is removed', async () => {
    const closed = path.join(root, 'home')
    await mkdir(closed, { mode: 0o700 })
    const first = await start(path.join(closed, '.data'))
    await query(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    await rm(path.join(closed, '.data'), { recursive: true })
    const second = await start(path.join(closed, '.data'))
    await expect(query(second.url, 'select answer from kept')).rejects.toThrow(/does not exist/)
    expect(existsSync(first.place)).toBe(first.place === second.place)
  })

  test('leaves nothing half made when initialising was interrupted', async () => {
    await mkdir(path.join(root, 'postgres', 'data.partial', 'base'), { recursive: true })
    const { url } = await start()
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('stops when nobody else is connected, and only then', async () => {
    const server = await start()
    const pid = await postmasterPid(server)
    const client = new Client({ connectionString: server.url })
    client.on('error', () => undefined)
    await client.connect()
    await server.stopWhenUnused()
    expect(isAlive(pid)).toBe(true)
    await client.end()
    await server.stopWhenUnused()
    expect(isAlive(pid)).toBe(false)
  })
})

describe.runIf(process.getuid?.() === 0)('data of another start, as root', () => {
  // Chosen anew, the user is one that Postgres finds the data not to belong to: "wrong ownership".
  test.each(['home', '.'])('are served by the user who made them, below %s', async (folder) => {
    await chmod(root, 0o755)
    const dataDir = path.join(root, folder, '.data')
    if (folder === 'home') await mkdir(path.join(root, folder), { mode: 0o700 })
    const first = await start(dataDir)
    await query(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    const chosen = chooseRunAs()?.uid
    const other = chosen === 65534 ? 1 : 65534
    execFileSync('chown', ['-R', `${other}:${other}`, first.place])
    const second = await start(dataDir)
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    const { uid } = await stat(`/proc/${await postmasterPid(second)}`)
    expect(uid).toBe(other)
    expect(second.place).toBe(first.place)
  })
})

describe.runIf(process.getuid?.() === 0)('chooseRunAs, as root', () => {
  test('takes an unprivileged user that the machine knows', async () => {
    const file = path.join(root, 'passwd')
    await writeFile(file, 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n')
    expect(chooseRunAs(file)).toEqual({ uid: 65534, gid: 65533 })
  })

  test('says what to do when there is none', async () => {
    const file = path.join(root, 'passwd')
    await writeFile(file, 'root:x:0:0::/:/bin/sh\n')
    expect(() => chooseRunAs(file)).toThrow(/run as another user, or set DATABASE_URL/)
  })
})
