/** Root of process 2, Postgres → HTTP: GraphQL, the relying parties' endpoints, metrics and the explorer on one port. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { defaultLimits, type Limits } from './api/limits'
import { loadTrustedDocuments } from './api/trusted-documents'
import { type Deployment, type FurtherRegistry, openDeployment } from './deployment'
import { AppError } from './errors'
import { type Charge, clientOf, createClientRate, sendLimited } from './http/client-rate'
import { hostOf, isKnownMethod, sendMethodNotAllowed } from './http/request-line'
import { setSecurityHeaders } from './http/security-headers'
import { createStaticListener, type StaticListener } from './http/static-files'
import { createLogger, type Logger } from './log'
import type { RegistryService } from './registry-service'
import { REQUEST_ID_HEADER, requestIdOf, withRequestId } from './request-id'
import { waitsForDatabase } from './store/connection'

export type ServerOptions = {
  readonly databaseUrl: string | null
  /** Read replicas; empty: `databaseUrl`. */
  readonly databaseReadUrls: readonly string[]
  /** 0 = any free one. */
  readonly port: number
  readonly host: string
  readonly dataDir: string
  /** 0 = off; null: as `maxHeadAge` says. */
  readonly maxHeadAgeSeconds: number | null
  readonly responderKey: string | null
  readonly responderCert: string | null
  readonly logLevel: string
  /** Null or absent: what each request was sent to. */
  readonly publicUrl?: string | null
  /** Nodes to ask for proofs; none: proofs are refused as unavailable. */
  readonly rpcEndpoints?: readonly string[]
  /** Served under `/r/{name}/`; absent: none. */
  readonly registries?: readonly FurtherRegistry[]
  readonly limits?: Partial<Limits>
  /** Proxies whose X-Forwarded-For is believed; absent: 0. */
  readonly trustProxy?: number
  /** File of the only documents that run; null or absent: all. */
  readonly trustedDocuments?: string | null
  /** File of the policy that scores claims; null or absent: our own. */
  readonly assurancePolicy?: string | null
  readonly introspection?: 'on' | 'off'
  readonly csrfHeader?: string | null
  /** `*` (also when absent) or one origin. */
  readonly corsOrigin?: string
  /** Folder of the built explorer; absent: the one of this package. */
  readonly explorerDir?: string
  /** Link to a block in an explorer of the node, with `{hash}`; null or absent: none. */
  readonly nodeExplorerUrl?: string | null
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number
}

export type RunningServer = { readonly url: string; close(): Promise<void> }

const explorerDir = path.resolve(__dirname, '..', 'dist', 'explorer')

const explorerDocuments = path.join(explorerDir, 'documents.json')

const CLOSE_GRACE_MS = 5_000

/**
 * A database that is away is waited for: until it comes, answers say UNAVAILABLE and `/readyz` 503.
 * @throws {AppError} UNAVAILABLE when a database refuses the login or is not there; BAD_USER_INPUT for a key that cannot
 *   be used.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const log = createLogger('api', options.logLevel)
  const { databaseUrl } = options
  if (databaseUrl === null) throw new AppError('BAD_USER_INPUT', 'DATABASE_URL must be given')
  const urls = [databaseUrl, ...(options.registries ?? []).map((further) => further.databaseUrl)]
  const away = await Promise.all(urls.map(waitsForDatabase))
  for (const problem of away) if (problem !== null) log.warn(`${problem}: waiting for it`)
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
      await closeServer(server, parts.deployment)
      await parts.close()
    },
  }
}

type Parts = {
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
  readonly deployment: Deployment
  close(): Promise<void>
}

async function openParts(
  options: ServerOptions & { readonly databaseUrl: string },
  log: Logger,
): Promise<Parts> {
  const limits = { ...defaultLimits, ...options.limits }
  const guard = readGuard(options)
  const shared = {
    limits,
    guard,
    log,
    nowMs: options.nowMs ?? Date.now,
    chargePrice: clientRate(options, limits.pricePerMinute),
    clientOf: (request: IncomingMessage) => clientOf(request, options.trustProxy ?? 0),
  }
  const { publicUrl = null, rpcEndpoints = [], nodeExplorerUrl = null } = options
  const first = { ...options, publicUrl, rpcEndpoints, nodeExplorerUrl }
  const deployment = await openDeployment(first, options.registries ?? [], shared)
  const routes: Omit<Routes, 'registry'> = {
    deployment,
    explorer: createStaticListener(options.explorerDir ?? explorerDir),
    chargeRequest: clientRate(options, limits.requestsPerMinute),
    corsOrigin: guard.corsOrigin,
  }
  return {
    deployment,
    listener: (request, response) => {
      if (!isKnownMethod(request)) {
        sendMethodNotAllowed(response)
        return
      }
      // GraphQL makes its URL of it, too.
      request.headers.host = hostOf(request)
      const found = deployment.resolve(request.url ?? '/')
      if (found === null) {
        sendNotFound(response)
        return
      }
      request.url = found.target
      answer({ ...routes, registry: found.registry }, request, response, log)
    },
    close: () => deployment.close(),
  }
}

function readGuard(options: ServerOptions) {
  const { trustedDocuments, introspection, csrfHeader = null, corsOrigin = '*' } = options
  return {
    introspection: introspection !== 'off',
    trusted:
      trustedDocuments == null ? null : loadTrustedDocuments(trustedDocuments, explorerDocuments),
    csrfHeader,
    corsOrigin,
  }
}

function clientRate({ trustProxy = 0 }: ServerOptions, perMinute: number): Charge {
  return createClientRate({ perMinute, trustProxy, nowMs: () => performance.now() })
}

type Routes = {
  readonly registry: RegistryService
  readonly deployment: Deployment
  readonly explorer: StaticListener
  readonly chargeRequest: Charge
  readonly corsOrigin: string
}

/** What is kept ready for relying parties is sent at once, before anything is set up; the rest takes its route. */
function answer(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): void {
  const started = performance.now()
  const wait = routes.chargeRequest(request, 1)
  const { relyingParties, metrics } = routes.registry
  if (wait !== null || !relyingParties.fromMemory(request, response)) {
    const id = requestIdOf(request)
    response.setHeader(REQUEST_ID_HEADER, id)
    withRequestId(id, () => void route(routes, request, response, { log, started, wait }))
    return
  }
  const seconds = (performance.now() - started) / 1_000
  metrics.observeRequest('relying-parties', response.statusCode, seconds)
}

async function route(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  { log, started, wait }: { log: Logger; started: number; wait: number | null },
): Promise<void> {
  const { graphql, relyingParties, metrics } = routes.registry
  const isFirst = routes.registry === routes.deployment.first
  const [pathname = '/'] = (request.url ?? '/').split('?')
  let name = 'other'
  response.once('close', () => {
    const seconds = (performance.now() - started) / 1_000
    metrics.observeRequest(name, response.statusCode, seconds)
  })
  setSecurityHeaders(response, pathname, routes.corsOrigin)
  try {
    if (wait !== null) {
      name = 'limited'
      sendLimited(response, wait, pathname)
    } else if (pathname === '/graphql') {
      name = 'graphql'
      await graphql(request, response)
    } else if (pathname === '/metrics') {
      name = 'metrics'
      const text = await metrics.render()
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
    } else if (pathname === '/registries' && isFirst) {
      name = 'registries'
      sendJson(response, 200, { registries: await routes.deployment.states() })
    } else if (await relyingParties(request, response)) {
      name = 'relying-parties'
    } else if (routes.explorer(request, response)) {
      name = 'explorer'
    } else {
      sendNotFound(response)
    }
  } catch (error) {
    log.error({ err: error, path: pathname }, 'request failed')
    if (!response.headersSent) response.writeHead(500)
    response.end()
  }
}

function sendNotFound(response: ServerResponse): void {
  const problem = { title: 'Not found', status: 404, code: 'NOT_FOUND' }
  sendJson(response, 404, problem, 'application/problem+json')
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

async function listen(server: Server, { port, host }: ServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

/** Requests at work are let finish; subscriptions end at once. */
async function closeServer(server: Server, { all }: Deployment): Promise<void> {
  for (const { hub } of all) hub.close()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
  await closed
  clearTimeout(timer)
}
