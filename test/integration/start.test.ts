/** `npm start` as a person has it: one command, in an empty directory, without Docker, network or settings. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDevnet } from '../../src/devnet/devnet'
import { readRecording } from '../../src/devnet/recording'
import { isAlive, waitUntilGone } from '../../src/embedded/postmaster'

type Run = { readonly child: ChildProcess; readonly output: () => string }

const dataDir = mkdtempSync(path.join(tmpdir(), 'start-'))
const runs: Run[] = []

beforeAll(() => {
  execFileSync(process.execPath, ['bin/auto-registry.js', 'help'], { stdio: 'ignore' })
}, 300_000)
afterAll(async () => {
  for (const { child } of runs) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGINT')
    await once(child, 'exit')
  }
  rmSync(placeOfData(), { recursive: true, force: true })
  rmSync(dataDir, { recursive: true, force: true })
})

function start(environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['lib/cli/index.js', 'start'], {
    env: {
      ...withoutSettings(),
      DATA_DIR: dataDir,
      PORT: '0',
      HOST: '127.0.0.1',
      SAMPLE_BLOCK_TIME: '200',
      ...environment,
    },
  })
  let said = ''
  const collect = (chunk: Buffer) => {
    said += chunk
  }
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  const run = { child, output: () => said }
  runs.push(run)
  return run
}

function withoutSettings(): NodeJS.ProcessEnv {
  const { RPC_ENDPOINT: _, DATABASE_URL: __, ...rest } = process.env
  return rest
}

async function untilSaid(run: Run, what: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = what.exec(run.output())
    if (found !== null) return found
    if (run.child.exitCode !== null) throw new Error(`it ended: ${run.output()}`)
    await pause()
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50))

async function ask(url: string, query: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as Record<string, unknown>
}

async function headOf(url: string): Promise<{ height: number; hash: string }> {
  const answer = await ask(url, '{ status { head { height hash } } }')
  return (answer as { data: { status: { head: { height: number; hash: string } } } }).data.status
    .head
}

async function untilHeight(url: string, height: number): Promise<string> {
  for (;;) {
    const head = await headOf(url)
    if (head.height >= height) return head.hash
    await pause()
  }
}

const urlOf = async (run: Run) => (await untilSaid(run, /explorer +(http:\S+)\//))[1] ?? ''
/** Under root a directory that only root can enter holds no database, but says where it is. */
function placeOfData(): string {
  const pointer = path.join(dataDir, 'postgres.location')
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : path.join(dataDir, 'postgres')
}

const postmaster = () =>
  Number(readFileSync(path.join(placeOfData(), 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

describe('npm start', () => {
  let first: Run
  let url: string

  test('starts everything in an empty directory, and its three queries answer', async () => {
    first = start()
    url = await urlOf(first)
    await untilSaid(first, /caught up at block \d+/)
    const queries = [...first.output().matchAll(/\{"query":"(.*)"\}/g)].map(([, query]) => query)
    expect(queries).toHaveLength(3)
    for (const query of queries) {
      const answer = await ask(url, query ?? '')
      expect(answer['errors'], query).toBeUndefined()
      expect(JSON.stringify(answer['data']).length).toBeGreaterThan(60)
    }
  })

  test('is refused a second time, in one line, and leaves the first alone', async () => {
    const second = start()
    expect(await once(second.child, 'exit')).toEqual([1, null])
    expect(second.output()).toMatch(
      /^auto-registry: auto-registry already runs on \S+ \(process \d+\): [^\n]+\n$/,
    )
    expect((await headOf(url)).height).toBeGreaterThan(0)
  })

  test('shows life: the last blocks of the sample arrive, through the fork', async () => {
    const hash = await untilHeight(url, 282)
    expect(hash).toBe('0x709b5580c4a82276deaf4b940cb3f5b903d8b9bfe41016ec304aaab131611ccc')
  })

  test('after SIGKILL leaves nothing behind but Postgres, and resumes where it was', async () => {
    const server = postmaster()
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    await untilRefused(url)
    expect(isAlive(server)).toBe(true)
    const second = start()
    url = await urlOf(second)
    expect(await untilSaid(second, /found running/)).toBeTruthy()
    expect(await untilHeight(url, 282)).toBe(
      '0x709b5580c4a82276deaf4b940cb3f5b903d8b9bfe41016ec304aaab131611ccc',
    )
    expect(postmaster()).toBe(server)
  })

  test('brings Postgres back when that is killed under it', async () => {
    const server = postmaster()
    process.kill(server, 'SIGKILL')
    await waitUntilGone(server, 5_000)
    for (;;) {
      const answer = await ask(url, '{ autoIds { totalCount } }').catch(() => ({ errors: [] }))
      if (!('errors' in answer)) break
      await pause()
    }
    expect((await headOf(url)).height).toBe(282)
  })

  test('stops on Ctrl-C, with everything it started', async () => {
    const last = runs.at(-1)
    if (last === undefined) throw new Error('nothing runs')
    const server = postmaster()
    last.child.kill('SIGINT')
    expect(await once(last.child, 'exit')).toEqual([0, null])
    expect(isAlive(server)).toBe(false)
    await untilRefused(url)
  })

  test('stops with one line when a setting is bad, before anything is started', async () => {
    const run = start({ FINALITY: 'soon' })
    expect(await once(run.child, 'exit')).toEqual([1, null])
    expect(run.output()).toBe(
      'auto-registry: FINALITY is "soon": expected "node" or a whole number of blocks\n',
    )
  })
})

describe('npm start with a setting that only trying shows to be bad', () => {
  const noFile = path.join(tmpdir(), 'no-such-file')
  const noJson = path.join(process.cwd(), 'LICENSE')

  test.each<[string, Record<string, string>, RegExp]>([
    ['an address of another machine', { HOST: '203.0.113.7' }, /HOST is "203\.0\.113\.7"/],
    ['a host that is no address', { HOST: 'not an address' }, /HOST is "not an address"/],
    ['no documents', { TRUSTED_DOCUMENTS: noFile }, /TRUSTED_DOCUMENTS is ".*no-such-file"/],
    ['documents that are none', { TRUSTED_DOCUMENTS: noJson }, /TRUSTED_DOCUMENTS is/],
    ['a policy that is none', { ASSURANCE_POLICY: noJson }, /ASSURANCE_POLICY is ".*LICENSE"/],
    ['no place for data', { DATA_DIR: '/proc/no-such/deep' }, /DATA_DIR is ".*": expected a dir/],
    ['no registries', { REGISTRIES: noFile }, /REGISTRIES is ".*no-such-file"/],
    ['no key', { RESPONDER_KEY: noFile, RESPONDER_CERT: noFile }, /RESPONDER_KEY: cannot read/],
    ['no directory', { DATA_DIR: path.join(noJson, 'data') }, /DATA_DIR is ".*": expected a dir/],
  ])('says so in one line and writes nothing: %s', async (_, environment, line) => {
    expect(await refusal(environment)).toMatch(line)
  })

  test('says so in one line and writes nothing: a port that another program has', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await refusal({ PORT: String(port) })).toContain(`PORT is ${port}: another program`)
    other.close()
  })

  test('says so in one line and writes nothing: a node of a chain without AutoId pallet', async () => {
    const recording = readRecording('chains/dev')
    const [from, to] = ['AutoId', 'OtherX'].map((name) => Buffer.from(name).toString('hex'))
    const runtimes = new Map(
      [...recording.runtimes].map(([version, runtime]) => [
        version,
        { ...runtime, metadata: runtime.metadata.replaceAll(from ?? '', to ?? '') },
      ]),
    )
    const devnet = await startDevnet({ chain: { ...recording, runtimes } })
    expect(await refusal({ RPC_ENDPOINT: devnet.url })).toContain('it has no AutoId pallet')
    await devnet.close()
  })

  /** The one line of a start that ended before anything was written. */
  async function refusal(environment: Record<string, string>): Promise<string> {
    const fresh = path.join(dataDir, 'fresh')
    const run = start({ DATA_DIR: fresh, ...environment })
    expect(await once(run.child, 'exit')).toEqual([1, null])
    expect(run.output()).toMatch(/^auto-registry: [^\n]+\n$/)
    expect(existsSync(fresh)).toBe(false)
    return run.output()
  }
})

async function untilRefused(url: string): Promise<void> {
  for (;;) {
    const isUp = await fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    )
    if (!isUp) return
    await pause()
  }
}
