/** Everything that answers for one registry: its databases, responder, caches, GraphQL and the relying parties' endpoints. */

import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { loadAssurancePolicy } from './api/assurance-policy'
import type { RegistryLink } from './api/context'
import { createHeadHub, type HeadHub } from './api/head-hub'
import type { Limits } from './api/limits'
import type { Guard } from './api/plugins/guard'
import type { OpenSnapshot } from './api/readers'
import { createApi } from './api/yoga'
import { announceHeads, type DatabaseOptions, type Databases, openDatabases } from './databases'
import { maxHeadAge } from './head-age'
import type { Charge } from './http/client-rate'
import { createHeadWatch, type HeadWatch, isHeadTooOld, type MaxHeadAge } from './http/head-watch'
import { createNodeListener, type NodeListener } from './http/node-listener'
import { createHttpHandlers } from './http/router'
import { loadSigner } from './http/signer'
import type { Logger } from './log'
import { openProofSource } from './node/proof-source'
import { createMetrics, type IndexFigures, type Metrics } from './ops/metrics'
import { inSpan } from './ops/traces'
import { relyingPartyReaders } from './store/read/relying-party-readers'
import { createSnapshotSource } from './store/read/snapshot'
import type { AssurancePolicy } from './tokens/assurance'

export type RegistryOptions = {
  /** Its name, and the path its answers lie under, which begins and ends with a slash. */
  readonly link: RegistryLink
  readonly databaseUrl: string
  /** Read replicas; empty: `databaseUrl`. */
  readonly databaseReadUrls: readonly string[]
  /** Where the responder's key is made and kept. */
  readonly dataDir: string
  /** 0 = off; null: as `maxHeadAge` says. */
  readonly maxHeadAgeSeconds: number | null
  readonly responderKey: string | null
  readonly responderCert: string | null
  /** Null: what each request was sent to. */
  readonly publicUrl: string | null
  /** Nodes to ask for proofs; none: proofs are refused as unavailable. */
  readonly rpcEndpoints: readonly string[]
  /** Link to a block in an explorer of the node, with `{hash}`; null: none. */
  readonly nodeExplorerUrl: string | null
  /** File of the policy that scores claims; null or absent: our own. */
  readonly assurancePolicy?: string | null
}

/** What all registries of a process have in common. */
export type SharedParts = {
  readonly limits: Limits
  readonly guard: Guard & { readonly corsOrigin: string }
  readonly chargePrice: Charge
  readonly clientOf: (request: IncomingMessage) => string | null
  readonly nowMs: () => number
  readonly log: Logger
  /** Of the deployment. */
  readonly registries: readonly RegistryLink[]
}

/** Where a registry stands, for `/registries`. */
export type RegistryState = {
  readonly name: string
  readonly path: string
  /** As `/readyz` says it. */
  readonly ready: boolean
  readonly genesisHash: string | null
  readonly head: {
    readonly height: number
    readonly hash: string
    readonly timestamp: string
  } | null
}

export type RegistryService = {
  readonly link: RegistryLink
  readonly graphql: (request: IncomingMessage, response: ServerResponse) => unknown
  readonly relyingParties: NodeListener
  readonly metrics: Metrics
  readonly hub: HeadHub
  /** Never fails: what cannot be read is null. */
  state(): Promise<RegistryState>
  close(): Promise<void>
}

const PROOF_TIMEOUT_MS = 10_000

/** @throws {AppError} BAD_USER_INPUT for a responder's key or a policy that cannot be used. */
export async function openRegistry(
  options: RegistryOptions,
  shared: SharedParts,
): Promise<RegistryService> {
  const { nowMs, limits, log } = shared
  const assurancePolicy = loadAssurancePolicy(options.assurancePolicy ?? null)
  const { dataDir, responderKey: keyFile, responderCert: certFile } = options
  const signer = await loadSigner({ dataDir, keyFile, certFile, nowMs: nowMs() })
  const databaseOptions: DatabaseOptions = {
    ...options,
    maxConnections: limits.maxConnections,
    statementTimeoutMs: limits.requestTimeoutMs,
  }
  const databases = openDatabases(databaseOptions, log)
  const openSnapshot = snapshotsOf(databases, nowMs)
  const readers = relyingPartyReaders(databases.relyingParties)
  const head = createHeadWatch(readers.readHead, nowMs)
  const hub = createHeadHub()
  const heard = announceHeads(databaseOptions, () => announce(head, hub), log)
  const metrics = createMetrics(() => readFigures(openSnapshot, nowMs))
  const proofs = openProofSource(options.rpcEndpoints, PROOF_TIMEOUT_MS)
  const { publicUrl, link, nodeExplorerUrl } = options
  const maxHeadAgeSeconds = maxHeadAge(options.maxHeadAgeSeconds)
  const own = { maxHeadAgeSeconds, nodeExplorerUrl, assurancePolicy }
  const answering = { openSnapshot, hub, readHead: head.current, metrics, proofs, ...own }
  const { corsOrigin } = shared.guard
  const handler = createHttpHandlers({
    readers,
    head,
    signer,
    nowMs,
    log,
    countCache: metrics.countCache,
    config: { maxHeadAgeSeconds, publicUrl, corsOrigin, basePath: link.path.slice(0, -1) },
  })
  const readGenesis = rememberedGenesis(openSnapshot)
  return {
    link,
    hub,
    metrics,
    graphql: openGraphQL({ ...answering, registry: link }, shared),
    relyingParties: createNodeListener(handler, head, nowMs),
    state: () => readState({ link, head, readGenesis, maxHeadAgeSeconds }, nowMs()),
    close: async () => {
      proofs?.close()
      await heard.close()
      await databases.close()
    },
  }
}

function snapshotsOf(databases: Databases, nowMs: () => number): OpenSnapshot {
  return createSnapshotSource(databases.snapshotPools, nowMs, databases.primary)
}

function announce(head: HeadWatch, hub: HeadHub): void {
  head.invalidate()
  hub.publish()
}

type GraphQLParts = {
  readonly openSnapshot: OpenSnapshot
  readonly hub: HeadHub
  readonly readHead: HeadWatch['current']
  readonly metrics: Metrics
  readonly proofs: ReturnType<typeof openProofSource>
  readonly maxHeadAgeSeconds: MaxHeadAge
  readonly registry: RegistryLink
  readonly nodeExplorerUrl: string | null
  readonly assurancePolicy: AssurancePolicy
}

function openGraphQL(
  { metrics, proofs, ...parts }: GraphQLParts,
  { limits, nowMs, guard, chargePrice, clientOf, log, registries }: SharedParts,
): RegistryService['graphql'] {
  return createApi({
    ...parts,
    limits,
    nowMs,
    guard,
    registries,
    version: readVersion(),
    clientOf: (context) => clientOf((context as { req: IncomingMessage }).req),
    charge: (context, price) => chargePrice((context as { req: IncomingMessage }).req, price),
    logError: (facts, message) => log.error({ ...facts, err: facts['error'] }, message),
    ...(proofs === null ? {} : { proofs }),
    observe: {
      operation: metrics.observeOperation,
      complexity: metrics.observeComplexity,
      cache: metrics.countCache,
    },
    trace: inSpan,
  })
}

type StateParts = {
  readonly link: RegistryLink
  readonly head: HeadWatch
  readonly readGenesis: () => Promise<string | null>
  readonly maxHeadAgeSeconds: MaxHeadAge
}

async function readState(parts: StateParts, nowMs: number): Promise<RegistryState> {
  const { link, maxHeadAgeSeconds } = parts
  const [head, genesisHash] = await Promise.all([
    parts.head.current().catch(() => null),
    parts.readGenesis().catch(() => null),
  ])
  const ready = head !== null && !isHeadTooOld(head, nowMs, maxHeadAgeSeconds)
  if (head === null) return { ...link, ready, genesisHash, head }
  const { height, hash, timeMs } = head
  const timestamp = new Date(timeMs).toISOString()
  return { ...link, ready, genesisHash, head: { height, hash, timestamp } }
}

/** An index never changes its chain. */
function rememberedGenesis(openSnapshot: OpenSnapshot): () => Promise<string | null> {
  let known: string | null = null
  return async () => {
    if (known !== null) return known
    const snapshot = await openSnapshot({ minBlock: null, maxLagSeconds: null })
    try {
      known = (await snapshot.read.status.chain())?.genesisHash ?? null
      return known
    } finally {
      await snapshot.close()
    }
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
    const auditFailure = await snapshot.read.status.auditFailure()
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
      auditFailure: auditFailure && { secondsAgo: secondsSince(auditFailure.at) },
    }
  } finally {
    await snapshot.close()
  }
}

function readVersion(): string {
  const text = readFileSync(path.resolve(__dirname, '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
