/** Root of process 2, Postgres → HTTP: GraphQL, the relying parties' endpoints, metrics and the explorer on one port. */

import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Pool } from 'pg'
import { createHeadHub, type HeadHub } from './api/head-hub'
import { defaultLimits, type Limits } from './api/limits'
import type { OpenSnapshot } from './api/readers'
import { loadTrustedDocuments } from './api/trusted-documents'
import { createApi } from './api/yoga'
import { AppError } from './errors'
import { type Charge, createClientRate, sendLimited } from './http/client-rate'
import { createHeadWatch, type HeadWatch } from './http/head-watch'
import { createNodeListener, type NodeListener } from './http/node-listener'
import { createHttpHandlers } from './http/router'
import { setSecurityHeaders } from './http/security-headers'
import { loadSigner } from './http/signer'
import { createStaticListener } from './http/static-files'
import { createLogger, type Logger } from './log'
import { openProofSource } from './node/proof-source'
import { createMetrics, type IndexFigures, type Metrics } from './ops/metrics'
import { assertReachable, openPool } from './store/connection'
import { withFallback } from './store/read/fallback'
import { listenToHead } from './store/read/listen'
import { relyingPartyReaders } from './store/read/relying-party-readers'
import { createSnapshotSource } from './store/read/snapshot'

export type ServerOptions = {
  readonly databaseUrl: string | null
  /** Read replicas; empty: `databaseUrl`. */
  readonly databaseReadUrls: readonly string[]
  /** 0 = any free one. */
  readonly port: number
  readonly host: string
  readonly dataDir: string
  /** 0 = off. */
  readonly maxHeadAgeSeconds: number
  readonly responderKey: string | null
  readonly responderCert: string | null
  readonly logLevel: string
  /** Null or absent: what each request was sent to. */
  readonly publicUrl?: string | null
  /** Nodes to ask for proofs; none: proofs are refused as unavailable. */
  readonly rpcEndpoints?: readonly string[]
  readonly limits?: Partial<Limits>
  /** Proxies whose X-Forwarded-For is believed; absent: 0. */
  readonly trustProxy?: number
  /** File of the only documents that run; null or absent: all. */
  readonly trustedDocuments?: string | null
  readonly introspection?: 'on' | 'off'
  readonly csrfHeader?: string | null
  /** `*` (also when absent) or one origin. */
  readonly corsOrigin?: string
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number
}

type DatabaseOptions = ServerOptions & { readonly databaseUrl: string }

export type RunningServer = { readonly url: string; close(): Promise<void> }

const projectDir = path.resolve(__dirname, '..')
const explorerDir = path.join(projectDir, 'dist', 'explorer')

/** Connections for the relying parties' endpoints, beside those of GraphQL. */
const RELYING_PARTY_CONNECTIONS = 8
/** A replica shows a block a moment after the primary told of it. */
const REPLICA_LAGS_MS = [200, 1_000, 5_000]
const CLOSE_GRACE_MS = 5_000
const PROOF_TIMEOUT_MS = 10_000

/** @throws {AppError} UNAVAILABLE when the database does not answer; BAD_USER_INPUT for a key that cannot be used. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const log = createLogger('api', options.logLevel)
  const { databaseUrl } = options
  if (databaseUrl === null) throw new AppError('BAD_USER_INPUT', 'DATABASE_URL must be given')
  await assertReachable(databaseUrl)
  const parts = await openParts({ ...options, databaseUrl }, log)
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000 }, parts.listener)
  try {
    await listen(server, options)
  } catch (error) {
    await parts.close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      await closeServer(server, parts.hub)
      await parts.close()
    },
  }
}

type Parts = {
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
  readonly hub: HeadHub
  close(): Promise<void>
}

async function openParts(options: DatabaseOptions, log: Logger): Promise<Parts> {
  const nowMs = options.nowMs ?? Date.now
  const limits = { ...defaultLimits, ...options.limits }
  const guard = readGuard(options)
  const chargeRequest = clientRate(options, limits.requestsPerMinute)
  const chargePrice = clientRate(options, limits.pricePerMinute)
  const { dataDir, responderKey: keyFile, responderCert: certFile } = options
  const signer = await loadSigner({ dataDir, keyFile, certFile, nowMs: nowMs() })
  const databases = openDatabases(options, limits, log)
  const openSnapshot: OpenSnapshot = createSnapshotSource(
    databases.snapshotPools,
    nowMs,
    databases.primary,
  )
  const hub = createHeadHub()
  const readers = relyingPartyReaders(databases.relyingParties)
  const head = createHeadWatch(readers.readHead, nowMs)
  const heard = announceHeads(options, hub, head, log)
  const metrics = createMetrics(() => readFigures(openSnapshot, nowMs))
  const proofs = openProofSource(options.rpcEndpoints ?? [], PROOF_TIMEOUT_MS)
  const api = createApi({
    openSnapshot,
    hub,
    limits,
    version: readVersion(),
    nowMs,
    maxHeadAgeSeconds: options.maxHeadAgeSeconds,
    guard,
    charge: (context, price) => chargePrice((context as { req: IncomingMessage }).req, price),
    logError: (facts, message) => log.error({ ...facts, err: facts['error'] }, message),
    ...(proofs === null ? {} : { proofs }),
    observe: { operation: metrics.observeOperation, complexity: metrics.observeComplexity },
  })
  const handler = createHttpHandlers({
    readers,
    head,
    signer,
    nowMs,
    log,
    config: {
      maxHeadAgeSeconds: options.maxHeadAgeSeconds,
      publicUrl: options.publicUrl ?? null,
      corsOrigin: guard.corsOrigin,
    },
  })
  const routes: Routes = {
    graphql: api,
    relyingParties: createNodeListener(handler, head, nowMs),
    explorer: createStaticListener(explorerDir),
    metrics,
    chargeRequest,
    corsOrigin: guard.corsOrigin,
  }
  return {
    hub,
    listener: (request, response) => void route(routes, request, response, log),
    close: async () => {
      proofs?.close()
      await heard.close()
      await databases.close()
    },
  }
}

function readGuard(options: ServerOptions) {
  const { trustedDocuments, introspection, csrfHeader = null, corsOrigin = '*' } = options
  return {
    introspection: introspection !== 'off',
    trusted: trustedDocuments == null ? null : loadTrustedDocuments(trustedDocuments),
    csrfHeader,
    corsOrigin,
  }
}

function clientRate({ trustProxy = 0 }: ServerOptions, perMinute: number): Charge {
  return createClientRate({ perMinute, trustProxy, nowMs: () => performance.now() })
}

function openDatabases(options: DatabaseOptions, limits: Limits, log: Logger) {
  const replicas = options.databaseReadUrls
  const open = (url: string, maxConnections: number): Pool =>
    openPool(
      url,
      { name: 'api', maxConnections, statementTimeoutMs: limits.requestTimeoutMs, readOnly: true },
      (error) => log.warn({ err: error }, 'a database connection was lost'),
    )
  const openBoth = (url: string) => ({
    snapshots: open(url, limits.maxConnections),
    relyingParties: open(url, RELYING_PARTY_CONNECTIONS),
  })
  const primary = openBoth(options.databaseUrl)
  const read = replicas.length === 0 ? [primary] : replicas.map(openBoth)
  const [first = primary] = read
  const all = new Set([primary, ...read].flatMap((pools) => Object.values(pools)))
  return {
    snapshotPools: read.map(({ snapshots }) => snapshots),
    primary: replicas.length === 0 ? null : primary.snapshots,
    relyingParties:
      first === primary
        ? primary.relyingParties
        : withFallback(first.relyingParties, primary.relyingParties, (error) =>
            log.warn({ err: error }, 'a replica is gone: revocation answers come from the primary'),
          ),
    close: () => endAll([...all]),
  }
}

async function endAll(pools: readonly Pool[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.end()))
}

/** Notices come from the database that is written to: a replica sends none. */
function announceHeads(options: DatabaseOptions, hub: HeadHub, head: HeadWatch, log: Logger) {
  const timers = new Set<NodeJS.Timeout>()
  const announce = () => {
    head.invalidate()
    hub.publish()
  }
  const announceAgain = () => {
    announce()
    if (options.databaseReadUrls.length === 0) return
    for (const delay of REPLICA_LAGS_MS) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        announce()
      }, delay)
      timers.add(timer)
    }
  }
  const listener = listenToHead({
    url: options.databaseUrl,
    onNotice: announceAgain,
    onConnected: announceAgain,
    onError: (error) => log.warn({ err: error }, 'not told of new blocks; connecting again'),
  })
  return {
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      await listener.close()
    },
  }
}

type Routes = {
  readonly graphql: (request: IncomingMessage, response: ServerResponse) => unknown
  readonly relyingParties: NodeListener
  readonly explorer: (request: IncomingMessage, response: ServerResponse) => boolean
  readonly metrics: Metrics
  readonly chargeRequest: Charge
  readonly corsOrigin: string
}

async function route(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  const started = performance.now()
  const [pathname = '/'] = (request.url ?? '/').split('?')
  let name = 'other'
  response.once('close', () => {
    const seconds = (performance.now() - started) / 1_000
    routes.metrics.observeRequest(name, response.statusCode, seconds)
  })
  setSecurityHeaders(response, pathname, routes.corsOrigin)
  const wait = routes.chargeRequest(request, 1)
  try {
    if (wait !== null) {
      name = 'limited'
      sendLimited(response, wait, pathname)
    } else if (pathname === '/graphql') {
      name = 'graphql'
      await routes.graphql(request, response)
    } else if (pathname === '/metrics') {
      name = 'metrics'
      const text = await routes.metrics.render()
      response.writeHead(200, { 'content-type': routes.metrics.contentType }).end(text)
    } else if (await routes.relyingParties(request, response)) {
      name = 'relying-parties'
    } else if (routes.explorer(request, response)) {
      name = 'explorer'
    } else {
      response.writeHead(404, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ title: 'Not found', status: 404, code: 'NOT_FOUND' }))
    }
  } catch (error) {
    log.error({ err: error, path: pathname }, 'request failed')
    if (!response.headersSent) response.writeHead(500)
    response.end()
  }
}

async function readFigures(
  openSnapshot: OpenSnapshot,
  nowMs: () => number,
): Promise<IndexFigures | null> {
  const snapshot = await openSnapshot({ minBlock: null, maxLagSeconds: null })
  try {
    const { head } = snapshot
    const audit = await snapshot.read.status.lastAudit()
    const secondsSince = (time: Date) => (nowMs() - time.getTime()) / 1_000
    return {
      height: head.block.height,
      finalizedHeight: head.finalizedHeight,
      nodeHeight: head.nodeHeight,
      confirmedSecondsAgo: head.confirmedAt === null ? null : secondsSince(head.confirmedAt),
      reorgCount: head.reorgCount,
      deepestReorg: head.deepestReorg,
      hasError: head.error !== null,
      audit:
        audit === null
          ? null
          : {
              block: audit.block,
              checked: audit.checked,
              differences: audit.differences.length,
              secondsAgo: secondsSince(audit.finishedAt),
            },
    }
  } finally {
    await snapshot.close()
  }
}

function readVersion(): string {
  const text = readFileSync(path.join(projectDir, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

async function listen(server: Server, { port, host }: ServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

/** Requests at work are let finish; subscriptions end at once. */
async function closeServer(server: Server, hub: HeadHub): Promise<void> {
  hub.close()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
  await closed
  clearTimeout(timer)
}
