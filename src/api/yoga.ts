/** GraphQL over HTTP: the schema, one snapshot an operation, limits, and errors with codes. */

import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import { AppError } from '../errors'
import type { CountCache } from '../lru'
import { type AssurancePolicy, DEFAULT_ASSURANCE_POLICY } from '../tokens/assurance'
import type { ApiContext, RegistryLink } from './context'
import { createMaskError, type LogError, toGraphQLError } from './errors'
import { createEventFeed } from './event-feed'
import { exampleQueries } from './example-queries'
import { readFreshness } from './freshness'
import type { HeadHub } from './head-hub'
import type { Limits } from './limits'
import { createOncePerHead } from './once-per-head'
import { badInputPlugin } from './plugins/bad-input'
import { cachePlugin } from './plugins/cache'
import { type Guard, guardPlugins } from './plugins/guard'
import {
  bodyLimitPlugin,
  createHeadMemory,
  INDEX_HEAD_HEADER,
  indexHeadPlugin,
  type ReadHead,
} from './plugins/http'
import { type ChargePrice, limitPlugins } from './plugins/limits'
import { createSessionHolder, type SessionHolder, sessionPlugin } from './plugins/session'
import { type ClientOf, subscriptionLimitPlugin } from './plugins/subscriptions'
import { type TraceOperation, tracePlugin } from './plugins/trace'
import { fewAtOnce, type ProofSource } from './proofs'
import type { OpenSnapshot } from './readers'
import type { ChainRow } from './rows'
import { buildApiSchema } from './schema'
import type { MaxHeadAge } from './session'

export type ApiOptions = {
  readonly openSnapshot: OpenSnapshot
  readonly hub: HeadHub
  /** For answers that read nothing; absent: they say no head until another has read one. */
  readonly readHead?: ReadHead
  readonly limits: Limits
  readonly version: string
  /** Link to a block elsewhere, with `{hash}`; null or absent: none is shown. */
  readonly nodeExplorerUrl?: string | null
  /** Absent: our own. */
  readonly assurancePolicy?: AssurancePolicy
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number
  /** 0 = off. */
  readonly maxHeadAgeSeconds: MaxHeadAge
  readonly logError: LogError
  /** Absent: no node to ask. */
  readonly proofs?: ProofSource
  readonly guard?: Guard
  /** Absent: there is but one, at the root. */
  readonly registries?: readonly RegistryLink[]
  /** Which of them this is. */
  readonly registry?: RegistryLink
  readonly charge?: ChargePrice
  /** Absent: no client is limited. */
  readonly clientOf?: ClientOf
  readonly observe?: {
    readonly operation: (name: string, outcome: 'ok' | 'error', seconds: number) => void
    readonly complexity: (price: number) => void
    readonly cache: CountCache
  }
  readonly trace?: TraceOperation
}

type HeldContext = ApiContext & { readonly holder: SessionHolder }
type Api = YogaServerInstance<Record<string, unknown>, HeldContext>

const ONLY_REGISTRY: RegistryLink = { name: 'main', path: '/' }

export function createApi(options: ApiOptions): Api {
  const { hub, limits, version, logError, guard = {} } = options
  const { registry = ONLY_REGISTRY, registries = [registry] } = options
  const { nodeExplorerUrl = null, assurancePolicy = DEFAULT_ASSURANCE_POLICY } = options
  const names = { registries, registry: registry.name }
  const constant = { version, nodeExplorerUrl, assurancePolicy, limits, hub, ...names }
  const memory = createHeadMemory(options.readHead)
  const oncePerHead = createOncePerHead((result) => options.observe?.cache('figures', result))
  const feed = createEventFeed(options.openSnapshot, hub)
  const proofs = options.proofs === undefined ? null : fewAtOnce(options.proofs, mostProofs(limits))
  const sessions = {
    ...options,
    requestTimeoutMs: limits.requestTimeoutMs,
    onHead: memory.remember,
  }
  return createYoga<Record<string, unknown>, HeldContext>({
    schema: buildApiSchema(),
    context: ({ request, params }) => {
      const freshness = orGraphQLError(() => readFreshness(request, params.extensions))
      const holder = createSessionHolder(sessions, freshness, request)
      return { ...constant, feed, oncePerHead, proofs, holder } as HeldContext
    },
    plugins: [
      indexHeadPlugin(memory),
      ...guardPlugins(guard),
      bodyLimitPlugin(limits.maxBodyBytes),
      badInputPlugin(),
      ...limitPlugins(limits, options.observe?.complexity ?? (() => undefined), options.charge),
      subscriptionLimitPlugin(hub, limits, options.clientOf ?? (() => null)),
      sessionPlugin(rememberedChain()),
      cachePlugin(),
      ...(options.trace === undefined ? [] : [tracePlugin(options.trace)]),
      ...(options.observe === undefined ? [] : [timingsPlugin(options.observe.operation)]),
    ],
    maskedErrors: { maskError: createMaskError(logError) },
    logging: false,
    landingPage: false,
    graphqlEndpoint: '/graphql',
    cors: {
      origin: guard.corsOrigin ?? '*',
      credentials: false,
      methods: ['GET', 'POST', 'OPTIONS'],
      exposedHeaders: [INDEX_HEAD_HEADER],
    },
    renderGraphiQL,
    graphiql: guard.introspection !== false &&
      guard.trusted == null && {
        title: 'Auto Registry',
        endpoint: `${registry.path}graphql`,
        defaultQuery: exampleQueries[0] ?? '',
        defaultTabs: exampleQueries.map((query) => ({ query })),
      },
  })
}

/** Half of the connections are for questions that wait for no node. */
function mostProofs({ maxProofOperations, maxConnections }: Limits): number {
  return Math.min(maxProofOperations, Math.max(1, Math.floor(maxConnections / 2)))
}

/** What the index is made from never changes. */
function rememberedChain(): (context: ApiContext) => Promise<ChainRow> {
  let known: ChainRow | null = null
  return async ({ session }) => {
    known ??= await session.read.status.chain()
    if (known === null) throw new AppError('UNAVAILABLE', 'the index follows no chain yet')
    return known
  }
}

function orGraphQLError<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof AppError ? toGraphQLError(error) : error
  }
}

function timingsPlugin(
  observe: (name: string, outcome: 'ok' | 'error', seconds: number) => void,
): Plugin {
  return {
    onExecute: () => {
      const started = performance.now()
      return {
        onExecuteDone: ({ result }) => {
          const failed = 'errors' in result && result.errors !== undefined
          observe('query', failed ? 'error' : 'ok', (performance.now() - started) / 1_000)
        },
      }
    },
  }
}
