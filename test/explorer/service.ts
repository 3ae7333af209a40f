import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const root = path.resolve(__dirname, '..', '..')
const START_MS = 240_000
/** Slow enough for the first test to see blocks come in, fast enough for the others not to wait. */
const BLOCK_MS = 2_500

export type ExplorerService = { readonly url: string; close(): Promise<void> }

/** The whole service as `npm start` runs it, on the sample chain, in a directory and on a port of its own. */
export async function startExplorerService(
  settings: Readonly<Record<string, string>> = {},
  neededHeight = SAMPLE_HEIGHT,
): Promise<ExplorerService> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'explorer-test-'))
  const port = await freePort()
  const child = spawn(process.execPath, [path.join(root, 'bin', 'auto-registry.js'), 'start'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: dataDir,
      SAMPLE_BLOCK_TIME: String(BLOCK_MS),
      ...settings,
    },
  })
  const output: string[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(String(chunk)))
  child.stderr.on('data', (chunk: Buffer) => output.push(String(chunk)))
  const url = `http://127.0.0.1:${port}`
  const close = async () => {
    await end(child)
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    await untilIndexed(url, child, output, neededHeight)
  } catch (error) {
    await close()
    throw error
  }
  return { url, close }
}

/** Debian's Chromium: the tests run where it is installed, and say how when it is not. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) =>
    fs.existsSync(file),
  )
  if (executablePath === undefined) {
    throw new Error('Chromium is missing: apt-get install chromium')
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** Blocks of the sample chain that the tests talk about are there from here on. */
const SAMPLE_HEIGHT = 269

async function untilIndexed(
  url: string,
  child: ChildProcess,
  output: readonly string[],
  neededHeight: number,
) {
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the service ended:\n${output.join('')}`)
    const height = await readHeight(url)
    if (height !== undefined && height >= neededHeight) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`the service did not index its chain in time:\n${output.join('')}`)
}

async function readHeight(url: string): Promise<number | undefined> {
  try {
    const answer = await ask<{ status: { head: { height: number } } }>(
      url,
      '{ status { head { height } } }',
    )
    return answer.status.head.height
  } catch {
    return undefined
  }
}

/** A question to the service's GraphQL endpoint. */
export async function ask<T>(url: string, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data?: T; errors?: object[] }
  if (data === undefined || data === null) throw new Error(JSON.stringify(errors))
  return data
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(timer)
}
