/** The relying parties' endpoints on a port of their own, over an indexed database. */

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createHeadWatch, type HeadWatch } from '../../src/http/head-watch'
import { createNodeListener } from '../../src/http/node-listener'
import { createHttpHandlers, type HttpHandler } from '../../src/http/router'
import { loadSigner, type ResponderSigner } from '../../src/http/signer'
import { openPool } from '../../src/store/connection'
import { relyingPartyReaders } from '../../src/store/read/relying-party-readers'

export type Service = {
  readonly url: string
  readonly handler: HttpHandler
  readonly head: HeadWatch
  readonly signer: ResponderSigner
  readonly dataDir: string
  readonly server: Server
  close(): Promise<void>
}

export async function startService(
  databaseUrl: string,
  options: { nowMs?: () => number; maxHeadAgeSeconds?: number; port?: number } = {},
): Promise<Service> {
  const nowMs = options.nowMs ?? Date.now
  const pool = openPool(databaseUrl, {
    name: 'test service',
    maxConnections: 4,
    statementTimeoutMs: 60_000,
    readOnly: true,
  })
  const dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-test-'))
  const signer = await loadSigner({ dataDir, keyFile: null, certFile: null, nowMs: nowMs() })
  const readers = relyingPartyReaders(pool)
  const head = createHeadWatch(readers.readHead, nowMs)
  const handler = createHttpHandlers({
    readers,
    head,
    signer,
    nowMs,
    log: { error: (facts, message) => console.error(message, facts) },
    config: { maxHeadAgeSeconds: () => options.maxHeadAgeSeconds ?? 0, publicUrl: null },
  })
  const listener = createNodeListener(handler, head, nowMs)
  const server = createServer((request, response) => {
    void listener(request, response).then((isOurs) => {
      if (!isOurs) response.writeHead(404).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    handler,
    head,
    signer,
    dataDir,
    server,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await pool.end()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
