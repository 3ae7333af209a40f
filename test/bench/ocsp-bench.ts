/**
 * Revocation answers over HTTP, from the whole server: cached OCSP by GET, signed OCSP by POST with a nonce, plain status;
 * beside a bare node:http server that sends the same bytes, and beside `openssl ocsp` answering the same question.
 */

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { parseCertificate, parseTbs } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest } from '../../src/pki/ocsp-request'
import { startServer } from '../../src/server'
import { migrate } from '../../src/store/migrate'
import { indexDevChain } from '../support/indexed-dev-chain'
import { startTestServer } from '../support/postgres-server'
import type { LoadOptions } from './http-load'
import { type Bench, inTurn, type Measurement, measurement } from './measurement'

const SERVICE = '0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
const CONNECTIONS = 16

type Load = { readonly url: string; readonly body?: Uint8Array }

/** Good answers a second, by a load generator in a process of its own. */
async function rate({ url, body }: Load, seconds: number): Promise<number> {
  const options: LoadOptions = {
    url,
    seconds,
    connections: CONNECTIONS,
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
  }
  const script = path.join(__dirname, 'http-load.js')
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(options)])
  return Number(stdout)
}

/** Rates of several loads, taken in turn, so that a noisy minute hits all of them. */
async function compare(loads: readonly Load[], quick: boolean): Promise<number[]> {
  return inTurn(
    3,
    loads.map((load) => () => rate(load, quick ? 1 : 3)),
  )
}

const revocation: Bench = async ({ quick }) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'ocsp-bench-'))
  const postgres = await startTestServer()
  const closers: (() => Promise<unknown> | unknown)[] = [
    () => postgres.stop(),
    () => rmSync(directory, { recursive: true, force: true }),
  ]
  try {
    const databaseUrl = await prepareDatabase(postgres.url)
    const server = await startServer({
      databaseUrl,
      databaseReadUrls: [],
      port: 0,
      host: '127.0.0.1',
      dataDir: directory,
      maxHeadAgeSeconds: 0,
      responderKey: null,
      responderCert: null,
      logLevel: 'error',
    })
    closers.unshift(() => server.close())
    const certId = await certIdOfService(databaseUrl)
    const bare = await startBare(await cachedAnswer(server.url, certId))
    closers.unshift(bare.close)
    const openssl = await startOpenssl(directory)
    closers.unshift(openssl.close)
    return await measure(server.url, bare.url, openssl, certId, quick)
  } finally {
    for (const close of closers) await close()
  }
}

async function measure(
  url: string,
  bareUrl: string,
  openssl: { url: string; certId: Uint8Array },
  certId: Uint8Array,
  quick: boolean,
): Promise<Measurement[]> {
  const nonce = new Uint8Array(randomBytes(32))
  const [get = 0, post = 0, status = 0, bare = 0, peer = 0] = await compare(
    [
      { url: getUrl(url, certId) },
      { url: `${url}/ocsp`, body: encodeOcspRequest([certId], nonce) },
      { url: `${url}/status/${SERVICE}` },
      { url: bareUrl },
      { url: openssl.url, body: encodeOcspRequest([openssl.certId], nonce) },
    ],
    quick,
  )
  const http = 'bare node:http, same bytes'
  const responder = 'openssl ocsp'
  return [
    measurement('ocsp.get', get, 'requests/s', http, bare),
    measurement('ocsp.get.openssl', get, 'requests/s', responder, peer),
    measurement('ocsp.post', post, 'requests/s', responder, peer),
    measurement('status.get', status, 'requests/s', http, bare),
  ]
}

async function prepareDatabase(maintenanceUrl: string): Promise<string> {
  const name = `ocsp_bench_${process.pid}`
  const admin = new Client({ connectionString: maintenanceUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  const url = new URL(maintenanceUrl)
  url.pathname = `/${name}`
  await migrate(url.href)
  await indexDevChain(url.href)
  return url.href
}

async function certIdOfService(databaseUrl: string): Promise<Uint8Array> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ tbs: Buffer; issuer_key: Buffer }>(
    `select c.tbs, i.public_key as issuer_key from certificate c join certificate i on i.id = c.issuer_certificate_id
      where c.auto_id = $1 and c.block_to is null`,
    [SERVICE],
  )
  await client.end()
  const row = rows[0]
  if (row === undefined) throw new Error('the sample chain has no service identity')
  const { issuer, serialBytes } = parseTbs(row.tbs)
  return encodeCertId('sha1', issuer, row.issuer_key, serialBytes)
}

function getUrl(url: string, certId: Uint8Array): string {
  const request = Buffer.from(encodeOcspRequest([certId])).toString('base64')
  return `${url}/ocsp/${encodeURIComponent(request)}`
}

type Answer = { readonly body: Buffer; readonly headers: Record<string, string> }

async function cachedAnswer(url: string, certId: Uint8Array): Promise<Answer> {
  const response = await fetch(getUrl(url, certId))
  const body = Buffer.from(await response.arrayBuffer())
  const headers = Object.fromEntries(response.headers)
  // What node adds itself to every answer.
  for (const name of ['date', 'connection', 'keep-alive']) delete headers[name]
  return { body, headers }
}

async function startBare({ body, headers }: Answer) {
  const server = createServer((_, response) => response.writeHead(200, headers).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}/`, close }
}

/** OpenSSL's own responder with a P-256 key, as ours, for one good certificate. */
async function startOpenssl(directory: string) {
  const run = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  run(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=bench',
    '-days',
    '2',
  )
  const ca = run('x509', '-in', 'ca.pem', '-outform', 'DER')
  const { issuer, spki } = parseCertificate(ca)
  const certId = encodeCertId('sha1', issuer, spki, Uint8Array.of(0x42))
  writeFileSync(path.join(directory, 'index.txt'), 'V\t391231235959Z\t\t42\tunknown\t/CN=good\n')
  const port = await freePort()
  const child = spawn(
    'openssl',
    [
      'ocsp',
      '-index',
      'index.txt',
      '-port',
      String(port),
      '-CA',
      'ca.pem',
      '-rsigner',
      'ca.pem',
      '-rkey',
      'ca.key',
      '-nmin',
      '5',
    ],
    { cwd: directory, stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${port}/`
  await untilAnswering(url, encodeOcspRequest([certId]))
  return { url, certId, close: () => stopChild(child) }
}

async function freePort(): Promise<number> {
  const probe = createTcpServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function untilAnswering(url: string, body: Uint8Array): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const headers = { 'content-type': 'application/ocsp-request' }
    const isUp = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers }).then(
      (response) => response.ok,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('openssl ocsp does not answer')
}

function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill()
  })
}

export const benches: Record<string, Bench> = { 'ocsp.revocation': revocation }
