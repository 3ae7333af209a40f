/** Peers as processes of their own, each with the client module bundled as a relying party installs it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'

export type PeerProcess = {
  readonly lines: string[]
  /** The next line that fits; it is taken out. */
  next(pattern: RegExp): Promise<string>
}

export type PeerProcesses = {
  readonly directory: string
  readonly children: ChildProcess[]
  save(name: string, text: string): Promise<void>
  /** An HTTPS server with `NAME.pem` and `NAME.key` that wants certificates under `root.pem`. */
  startServer(name?: string): Promise<{ server: PeerProcess; port: string }>
  /** One request by `NAME.pem` and `NAME.key` (null: without), under the roots in `rootFile`; its `answer` or `error` line. */
  ask(port: string, name: string | null, rootFile?: string, serviceUrl?: string): Promise<string>
  close(): Promise<void>
}

export async function openPeerProcesses(serviceUrl: string): Promise<PeerProcesses> {
  const directory = await mkdtemp(path.join(tmpdir(), 'peers-'))
  const children: ChildProcess[] = []
  const save = (name: string, text: string) => writeFile(path.join(directory, name), text)
  const start = (script: string, ...args: string[]) =>
    startScript(directory, children, script, args)
  await bundleClient(directory)
  await save('server.mjs', SERVER)
  await save('client.mjs', CLIENT)
  return {
    directory,
    children,
    save,
    startServer: async (name = 'service') => {
      const server = start('server.mjs', serviceUrl, name)
      const port = (await server.next(/^listening/)).split(' ')[1] ?? ''
      return { server, port }
    },
    ask: (port, name, rootFile = 'root.pem', url = serviceUrl) =>
      start('client.mjs', url, port, rootFile, name ?? '').next(/^(answer|error)/),
    close: async () => {
      for (const child of children) child.kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** In one file: nothing of the indexer may be in it. */
async function bundleClient(directory: string): Promise<void> {
  await build({
    logLevel: 'silent',
    configFile: false,
    build: {
      ssr: 'src/client/index.ts',
      outDir: directory,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { entryFileNames: 'auto-registry-client.mjs', format: 'es' } },
    },
  })
}

const SERVER = `
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { createTlsVerifier } from './auto-registry-client.mjs'
const [serviceUrl, name] = process.argv.slice(2)
const verifier = createTlsVerifier({ serviceUrl, roots: [readFileSync('root.pem', 'utf8')], maxCacheSeconds: 1 })
const server = createServer(
  { key: readFileSync(name + '.key'), cert: readFileSync(name + '.pem'), requestCert: true, ...verifier.tlsOptions },
  (request, response) => response.end('hello ' + request.socket.getPeerCertificate().subject.CN),
)
verifier.protect(server, (error) => console.log('refused ' + error.code + ': ' + error.message))
server.on('tlsClientError', (error) => console.log('handshake ' + error.code))
server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port))
`

const CLIENT = `
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { createTlsVerifier } from './auto-registry-client.mjs'
const [serviceUrl, port, root, name] = process.argv.slice(2)
const verifier = createTlsVerifier({ serviceUrl, roots: [readFileSync(root, 'utf8')], timeoutMs: 2000 })
const identity = name ? { key: readFileSync(name + '.key'), cert: readFileSync(name + '.pem') } : {}
const agent = verifier.createAgent(identity)
const one = request({ host: '127.0.0.1', port, agent, servername: 'localhost', path: '/' }, async (response) => {
  let text = ''
  for await (const chunk of response) text += chunk
  console.log('answer ' + text)
  process.exit(0)
})
one.on('error', (error) => { console.log('error ' + error.code + ': ' + error.message); process.exit(0) })
one.end()
`

function startScript(
  directory: string,
  children: ChildProcess[],
  script: string,
  args: readonly string[],
): PeerProcess {
  const child = spawn(process.execPath, [script, ...args], { cwd: directory })
  children.push(child)
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const note = (line: string) => {
    lines.push(line)
    for (const wake of waiting.splice(0)) wake()
  }
  createInterface({ input: child.stdout }).on('line', note)
  createInterface({ input: child.stderr }).on('line', (line) => note(`stderr ${line}`))
  const next = async (pattern: RegExp): Promise<string> => {
    const deadline = AbortSignal.timeout(20_000)
    for (;;) {
      const found = lines.findIndex((line) => pattern.test(line))
      if (found >= 0) return lines.splice(found, 1)[0] ?? ''
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve)
        deadline.addEventListener('abort', () =>
          reject(
            new Error(`no ${pattern} from ${script} ${args.join(' ')} in:\n${lines.join('\n')}`),
          ),
        )
      })
    }
  }
  return { lines, next }
}
