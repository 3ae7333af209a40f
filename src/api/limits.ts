/** Every limit of the API in one table: what a stranger may cost us. */

import { DEFAULT_POLICY } from '../verify/policy'

export type LimitRow = {
  /** Environment variable. */
  readonly setting: string
  readonly meaning: string
  readonly defaultValue: number
  readonly min: number
  readonly max: number
}

function row(
  setting: string,
  meaning: string,
  defaultValue: number,
  min: number,
  max: number,
): LimitRow {
  return { setting, meaning, defaultValue, min, max }
}

export const limitTable = {
  maxPageSize: row('API_MAX_PAGE_SIZE', 'most nodes of one page', 1_000, 1, 10_000),
  defaultPageSize: row(
    'API_PAGE_SIZE',
    'nodes of a page when neither first nor last is given',
    100,
    1,
    1_000,
  ),
  maxListSize: row(
    'API_MAX_LIST_SIZE',
    'most entries of a list without pages',
    200_000,
    1,
    5_000_000,
  ),
  maxComplexity: row(
    'API_MAX_COMPLEXITY',
    'price of an operation: objects it may touch, pages multiplied out',
    20_000,
    1,
    10_000_000,
  ),
  maxDepth: row('API_MAX_DEPTH', 'nesting of a query', 16, 1, 100),
  maxAliases: row('API_MAX_ALIASES', 'aliases in a document', 50, 0, 10_000),
  maxRootFields: row('API_MAX_ROOT_FIELDS', 'fields of an operation at its top', 50, 1, 10_000),
  maxTokens: row('API_MAX_TOKENS', 'lexical tokens of a document', 5_000, 10, 1_000_000),
  maxNesting: row(
    'API_MAX_NESTING',
    'brackets of all kinds in each other in a document',
    250,
    10,
    500,
  ),
  maxBodyBytes: row('API_MAX_BODY', 'bytes of a request body', 1_048_576, 1_024, 1_073_741_824),
  maxPemBytes: row('API_MAX_PEM', 'characters of a pem argument', 262_144, 1_024, 16_777_216),
  maxChainDepth: row('API_MAX_CHAIN_DEPTH', 'issuers followed above a certificate', 64, 1, 10_000),
  requestTimeoutMs: row(
    'API_TIMEOUT',
    'milliseconds after which an operation and its SQL are cancelled',
    15_000,
    100,
    600_000,
  ),
  maxConnections: row(
    'API_DATABASE_CONNECTIONS',
    'connections to each database: operations at work at once',
    20,
    1,
    1_000,
  ),
  maxProofOperations: row(
    'API_MAX_PROOFS',
    'operations that wait for proofs from the node at once, each with a database connection and its snapshot until `API_TIMEOUT`; further ones, and those past half of the connections, are refused',
    4,
    1,
    1_000,
  ),
  requestsPerMinute: row(
    'RATE_LIMIT_REQUESTS',
    'requests a minute of one client (IPv4 address or IPv6 /64), also at once; 0 = off; loopback is free unless `TRUST_PROXY` is set',
    6_000,
    0,
    1_000_000_000,
  ),
  pricePerMinute: row(
    'RATE_LIMIT_COMPLEXITY',
    'price of the GraphQL operations of one client in a minute, also at once, a subscription’s each time it looks again; 0 = off',
    1_000_000,
    0,
    1_000_000_000_000 - 1,
  ),
  maxSubscriptions: row('API_MAX_SUBSCRIPTIONS', 'open subscriptions', 1_000, 1, 100_000),
  maxClientSubscriptions: row(
    'API_MAX_CLIENT_SUBSCRIPTIONS',
    'open subscriptions of one client',
    100,
    1,
    100_000,
  ),
} satisfies Record<string, LimitRow>

/** Of an answer that walks a chain of issuers and checks its signatures: a few milliseconds, whatever fields are selected. */
export const VERDICT_PRICE = 50

/** Entries a list without pages, whose length is not asked for, is taken to have. */
export const ASSUMED_LIST = 10

/** Identities of one key whose verdicts are given, unless the question says how many. */
export const DEFAULT_MEMBERS = DEFAULT_POLICY.maxMembers

type Priced = { readonly args: Readonly<Record<string, unknown>>; readonly childComplexity: number }

/** A verdict, and under a policy's k of n one more for each identity of the key that may be judged. */
export function verdictPrice({ args, childComplexity }: Priced): number {
  const policy = (args['policy'] ?? {}) as Partial<
    Record<'minIssuers' | 'issuers' | 'maxMembers', unknown>
  >
  const isComposite = Number(policy.minIssuers ?? 1) > 1 || policy.issuers != null
  const members = isComposite ? Number(policy.maxMembers ?? DEFAULT_MEMBERS) : 0
  return VERDICT_PRICE * (1 + Math.max(0, members)) + childComplexity
}

/** A verdict for each member of the page, and what is selected of each. */
export function compositePrice({ args, childComplexity }: Priced): number {
  const members = Math.max(1, Number(args['first'] ?? DEFAULT_MEMBERS))
  return VERDICT_PRICE * members + Math.ceil(members / ASSUMED_LIST) * childComplexity
}

export type Limits = { readonly [K in keyof typeof limitTable]: number }

export const defaultLimits: Limits = Object.freeze(
  Object.fromEntries(
    Object.entries(limitTable).map(([name, { defaultValue }]) => [name, defaultValue]),
  ) as Limits,
)
