/** Two real processes talk over mutual TLS with the sample chain's identities, until one is revoked. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indexDevChain } from '../support/indexed-dev-chain'
import { indexRevocation } from '../support/next-block'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { type Service, startService } from '../support/relying-party-service'

const PERSON = '0x1602ab2a8a7a16384355dbdc925693409591c4d93e7403290c4318c8106e92d7'
const SERVICE = '0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
const CLIENT = '0xda7c531f555c50c5f5af89459b1f33ba61a16f9d516c0526dbf160f68a4d28b0'
const ORGANISATION = '0xff8f64cb4ed308d50108cc065f70a7d1dbfeda78af9d0d2788215684ae21c71d'
const PARTNER = '0x688595982cbca6d0cc237b8fda28a9fdadd00374a37d377df5f87f73ede6654a'

let database: TestDatabase
let service: Service
let directory: string
const processes: ChildProcess[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  service = await startService(database.url)
  directory = await mkdtemp(path.join(tmpdir(), 'client-tls-'))
  await bundleClient()
  const keys = JSON.parse(await readFile('test/fixtures/dev/keys.json', 'utf8')) as KeyEntry[]
  for (const [name, id] of Object.entries({ service: SERVICE, client: CLIENT })) {
    await save(`${name}.key`, keyOf(keys, id))
    await save(`${name}.pem`, await download(`/autoid/${id}.chain.pem`))
  }
  await save('root.pem', await download(`/autoid/${ORGANISATION}.pem`))
  await save('partner.pem', await download(`/autoid/${PARTNER}.pem`))
  await save('server.mjs', SERVER)
  await save('client.mjs', CLIENT_SCRIPT)
  personKey = keyOf(keys, PERSON)
})

afterAll(async () => {
  for (const child of processes) child.kill()
  await service?.close()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

type KeyEntry = { pkcs8Pem: string; usedFor: { autoId: string }[] }
let personKey: string

function keyOf(keys: readonly KeyEntry[], autoId: string): string {
  const found = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === autoId))
  if (found === undefined) throw new Error(`no key of ${autoId}`)
  return found.pkcs8Pem
}

const save = (name: string, text: string) => writeFile(path.join(directory, name), text)
const download = async (target: string) => (await fetch(`${service.url}${target}`)).text()

/** The module as a relying party installs it, in one file: nothing of the indexer may be in it. */
async function bundleClient(): Promise<void> {
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
const [serviceUrl] = process.argv.slice(2)
const verifier = createTlsVerifier({ serviceUrl, roots: [readFileSync('root.pem', 'utf8')], maxCacheSeconds: 1 })
const server = createServer(
  { key: readFileSync('service.key'), cert: readFileSync('service.pem'), requestCert: true, ...verifier.tlsOptions },
  (request, response) => response.end('hello ' + request.socket.getPeerCertificate().subject.CN),
)
verifier.protect(server, (error) => console.log('refused ' + error.code + ': ' + error.message))
server.on('tlsClientError', (error) => console.log('handshake ' + error.code))
server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port))
`

const CLIENT_SCRIPT = `
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { createTlsVerifier } from './auto-registry-client.mjs'
const [serviceUrl, port, root, anonymous] = process.argv.slice(2)
const verifier = createTlsVerifier({ serviceUrl, roots: [readFileSync(root, 'utf8')], timeoutMs: 2000 })
const identity = anonymous ? {} : { key: readFileSync('client.key'), cert: readFileSync('client.pem') }
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

/** Starts a script and hands out its lines. */
function start(
  script: string,
  ...args: string[]
): { lines: string[]; next(pattern: RegExp): Promise<string> } {
  const child = spawn(process.execPath, [script, ...args], { cwd: directory })
  processes.push(child)
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

async function startServer() {
  const server = start('server.mjs', service.url)
  const port = (await server.next(/^listening/)).split(' ')[1] ?? ''
  return { server, port }
}

/** What the server sends to a plain HTTP request through `openssl s_client`, diagnostics left out. */
async function askByOpenssl(port: string, hasCertificate: boolean): Promise<string> {
  const identity = ['-cert', 'client.pem', '-key', 'client.key', '-cert_chain', 'client.pem']
  const options = ['-CAfile', 'root.pem', '-verify_return_error', '-quiet', '-ign_eof']
  const child = spawn(
    'openssl',
    ['s_client', '-connect', `127.0.0.1:${port}`, ...options, ...(hasCertificate ? identity : [])],
    { cwd: directory },
  )
  processes.push(child)
  // It may be gone before it has read everything.
  child.stdin.on('error', () => undefined)
  child.stdin.end('GET / HTTP/1.0\r\n\r\n')
  let said = ''
  for await (const chunk of child.stdout) said += String(chunk)
  return said
}

/** `openssl s_server` with the service's identity on a free port. */
async function startOpensslServer(): Promise<string> {
  const identity = ['-cert', 'service.pem', '-key', 'service.key', '-cert_chain', 'service.pem']
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-www', ...identity], {
    cwd: directory,
  })
  processes.push(child)
  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ACCEPT .*:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return port
    said += `${line}\n`
  }
  throw new Error(`openssl s_server did not start:\n${said}`)
}

describe('two processes over mutual TLS', () => {
  test('a client without a certificate is not served', async () => {
    const { server, port } = await startServer()
    expect(
      await start('client.mjs', service.url, port, 'root.pem', 'anonymous').next(/^(answer|error)/),
    ).toMatch(/^error/)
    expect(await server.next(/^handshake/)).toContain('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
  })

  test("a server that is not under the client's roots is refused", async () => {
    const { port } = await startServer()
    const said = await start('client.mjs', service.url, port, 'partner.pem').next(/^(answer|error)/)
    expect(said).toMatch(
      /^error (SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE)/,
    )
  })

  test('without an answer from the service the peer is refused (hard fail), within the time-out', async () => {
    const { port } = await startServer()
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    try {
      const said = await start('client.mjs', url, port, 'root.pem').next(/^(answer|error)/)
      expect(said).toMatch(/^error STATUS_UNAVAILABLE/)
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })

  test('openssl s_client, which knows nothing of us, is served with a good certificate, and not without one', async () => {
    const { server, port } = await startServer()
    expect(await askByOpenssl(port, true)).toContain('hello ')
    expect(await askByOpenssl(port, false)).not.toContain('hello ')
    expect(await server.next(/^handshake/)).toContain('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
  })

  test('our client talks to openssl s_server under the root, and not under another', async () => {
    const port = await startOpensslServer()
    const ask = (root: string) =>
      start('client.mjs', service.url, port, root).next(/^(answer|error)/)
    expect(await ask('root.pem')).toMatch(/^answer /)
    expect(await ask('partner.pem')).toMatch(/^error /)
  })

  test("talk while both are good; after the client's revocation the next handshake fails with the reason", async () => {
    const { server, port } = await startServer()
    expect(
      await start('client.mjs', service.url, port, 'root.pem').next(/^(answer|error)/),
    ).toMatch(/^answer hello /)
    await indexRevocation(database.url, CLIENT, PERSON, personKey)
    service.head.invalidate()
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(
      await start('client.mjs', service.url, port, 'root.pem').next(/^(answer|error)/),
    ).toMatch(/^error/)
    expect(await server.next(/^refused/)).toMatch(
      /^refused PEER_REVOKED: .*revoked since 2026-11-19T/,
    )
    expect(await askByOpenssl(port, true)).not.toContain('hello ')
    expect(await server.next(/^refused/)).toMatch(/^refused PEER_REVOKED/)
  })
})

test('the client module brings nothing of the indexer along', async () => {
  const bundle = await readFile(path.join(directory, 'auto-registry-client.mjs'), 'utf8')
  const imports = [...bundle.matchAll(/^import .* from ["']([^"']+)["']/gm)].map(([, name]) => name)
  expect(imports.length).toBeGreaterThan(0)
  for (const name of imports) expect(name).toMatch(/^node:/)
})
