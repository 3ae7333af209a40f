/** The relying parties' endpoints by path: one `(Request) => Response`, undefined for paths that are not ours. */
import type { CountCache } from '../lru'
import { CERTIFICATE_FORMATS, type CertificateFormat, handleCertificate } from './certificates'
import { createCrlHandler } from './crl'
import { handleDid } from './did'
import type { HeadWatch, MaxHeadAge } from './head-watch'
import { handleHealth, handleReady } from './health'
import { handleJwks, handleOpenIdConfiguration } from './jwks'
import { createOcspHandler, type OcspHandler, type PlainAnswer } from './ocsp'
import { type Log, problem, problemOf } from './problem'
import type { Readers } from './readers'
import { handleResponderJwks, handleResponderPem } from './responder'
import type { ResponderSigner } from './signer'
import { handleStatus } from './status'
import { createStatusListHandler, handleStatusReference } from './status-list'

export type HttpContext = {
  readonly readers: Readers
  readonly head: HeadWatch
  readonly signer: ResponderSigner
  readonly nowMs: () => number
  readonly log: Log
  /** A look-up in a cache; absent: nobody counts. */
  readonly countCache?: CountCache
  readonly config: {
    /** Seconds; 0 = off. */
    readonly maxHeadAgeSeconds: MaxHeadAge
    /** Origin (and path) under which relying parties reach us; null: what each request was sent to. */
    readonly publicUrl: string | null
    /** Path under which our routes lie for clients; absent: the root. */
    readonly basePath?: string
    /** `*` or the one origin whose pages may read answers. */
    readonly corsOrigin?: string
  }
}

type Route = {
  readonly pattern: RegExp
  readonly methods: readonly string[]
  readonly handle: (
    request: Request,
    match: readonly string[],
    base: string,
  ) => Promise<Response> | Response
}

const READ = ['GET', 'HEAD']
/** Anything in the place of an id: what is no id gets a problem document, not another page. */
const ID = '([^/.]{1,100})'

export type HttpHandler = {
  (request: Request): Promise<Response | undefined>
  /** As `POST /ocsp`, without a Request around the bytes. */
  postOcsp(der: Uint8Array): Promise<PlainAnswer>
  /** As configured: answers that are kept must not outlive it. */
  readonly maxHeadAgeSeconds: MaxHeadAge
  readonly countCache: CountCache
}

/** Answers are public data: any origin may read them. */
const commonHeaders = (corsOrigin = '*') => ({
  'access-control-allow-origin': corsOrigin,
  'x-content-type-options': 'nosniff',
})

export function createHttpHandlers(context: HttpContext): HttpHandler {
  const ocsp = createOcspHandler({
    ...context,
    maxHeadAgeSeconds: context.config.maxHeadAgeSeconds,
  })
  const { publicUrl, basePath = '' } = context.config
  const common = commonHeaders(context.config.corsOrigin)
  const routes = createRoutes(context, ocsp)
  const handle = async (request: Request): Promise<Response | undefined> => {
    const url = new URL(request.url)
    for (const route of routes) {
      const match = route.pattern.exec(url.pathname)
      if (match === null) continue
      const base = `${publicUrl ?? url.origin}${basePath}`
      const response = await answer(route, request, match.slice(1), base, context.log)
      for (const [name, value] of Object.entries(common)) response.headers.set(name, value)
      return response
    }
    return undefined
  }
  const postOcsp = async (der: Uint8Array): Promise<PlainAnswer> => {
    const { body, headers } = await ocsp.post(der)
    return { body, headers: { ...headers, ...common } }
  }
  const { maxHeadAgeSeconds } = context.config
  const { countCache = () => {} } = context
  return Object.assign(handle, { postOcsp, maxHeadAgeSeconds, countCache })
}

async function answer(
  route: Route,
  request: Request,
  match: readonly string[],
  base: string,
  log: Log,
): Promise<Response> {
  if (request.method === 'OPTIONS') return preflight(route)
  if (!route.methods.includes(request.method)) {
    const allow = route.methods.join(', ')
    return problem(405, 'METHOD_NOT_ALLOWED', 'Method not allowed', `use ${allow}`, { allow })
  }
  try {
    return await route.handle(request, match, base)
  } catch (error) {
    return problemOf(error, log)
  }
}

function preflight(route: Route): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': route.methods.join(', '),
      'access-control-allow-headers': 'content-type, if-none-match',
      'access-control-max-age': '86400',
    },
  })
}

function createRoutes(context: HttpContext, ocsp: OcspHandler): readonly Route[] {
  const { maxHeadAgeSeconds } = context.config
  const shared = { ...context, maxHeadAgeSeconds }
  const crl = createCrlHandler(shared)
  const statusList = createStatusListHandler(shared)
  const { signer } = context
  return [
    route('/ocsp/?', ['POST'], (request) => ocsp(request)),
    route('/ocsp/(.+)', READ, (request) => ocsp(request)),
    route(`/status/${ID}`, READ, (request, [id = '']) => handleStatus(shared, request, id)),
    route(`/crl/${ID}\\.crl`, READ, (request, [id = '']) => crl(request, id, 'INDIRECT')),
    route(`/crl/${ID}\\.direct\\.crl`, READ, (request, [id = '']) => crl(request, id, 'DIRECT')),
    route(`/autoid/${ID}\\.jwks\\.json`, READ, (request, [id = '']) =>
      handleJwks(shared, request, id),
    ),
    route(`/autoid/${ID}(${FORMATS})`, READ, (request, [id = '', format]) =>
      handleCertificate(shared, request, id, format as CertificateFormat),
    ),
    route(`/autoid/${ID}/\\.well-known/openid-configuration`, READ, (request, [id = ''], base) =>
      handleOpenIdConfiguration(shared, request, id, base),
    ),
    route(`/autoid/${ID}/did\\.json`, READ, (request, [id = ''], base) =>
      handleDid(shared, request, id, base),
    ),
    route('/status-list/([0-9]{1,6})', READ, (request, [page], base) =>
      statusList(request, Number(page), base),
    ),
    route(`/status-list/of/${ID}`, READ, (request, [id = ''], base) =>
      handleStatusReference(shared, request, id, base),
    ),
    route('/responder\\.pem', READ, (request) => handleResponderPem(request, signer)),
    route('/responder\\.jwks\\.json', READ, (request) => handleResponderJwks(request, signer)),
    route('/healthz', READ, handleHealth),
    route('/readyz', READ, () => handleReady(shared)),
  ]
}

const FORMATS = CERTIFICATE_FORMATS.map((format) => format.replaceAll('.', '\\.')).join('|')

function route(pattern: string, methods: readonly string[], handle: Route['handle']): Route {
  return { pattern: new RegExp(`^${pattern}$`), methods, handle }
}
