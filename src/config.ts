/** The only reader of the environment: every setting, parsed once, into one frozen `Config`. */

import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { type Limits, limitTable } from './api/limits'
import { AppError } from './errors'
import {
  databaseUrl,
  type Finality,
  finality,
  list,
  nodeExplorerUrl,
  number,
  oneOf,
  path,
  type Setting,
  text,
  urls,
} from './setting'

/** Add a row, and `Config` has its field. */
export const settings = {
  rpcEndpoints: {
    name: 'RPC_ENDPOINT',
    meaning:
      'URL (ws, wss, http, https) of an Auto Registry domain node; several, separated by commas, are tried in turn',
    defaultText: 'the embedded sample chain',
    defaultValue: [] as readonly string[],
    expected: 'ws://, wss://, http:// or https:// URLs, separated by commas',
    parse: urls(['ws:', 'wss:', 'http:', 'https:']),
  },
  rpcBatchSize: number('RPC_BATCH_SIZE', 'most calls in one JSON-RPC batch; 1 = no batches', 100, {
    min: 1,
    max: 1_000,
  }),
  rpcTimeoutSeconds: number(
    'RPC_TIMEOUT',
    'seconds after which a call to the node is given up',
    30,
    {
      min: 1,
      max: 600,
    },
  ),
  databaseUrl: {
    name: 'DATABASE_URL',
    meaning: '`postgres://…` to write to (and read from)',
    defaultText: 'embedded Postgres under `DATA_DIR`',
    defaultValue: null as string | null,
    expected: 'a postgres:// URL with a database name',
    parse: databaseUrl,
  },
  databaseReadUrls: {
    name: 'DATABASE_READ_URLS',
    meaning: 'comma-separated read replicas for the API',
    defaultText: '`DATABASE_URL`',
    defaultValue: [] as readonly string[],
    expected: 'postgres:// URLs with a database name, separated by commas',
    parse: list(databaseUrl),
  },
  port: number(
    'PORT',
    'HTTP port of the API: `/graphql`, the explorer at `/`, and the other endpoints; 0 = any free one',
    4350,
    { min: 0, max: 65_535 },
  ),
  processorMetricsPort: number(
    'PROCESSOR_METRICS_PORT',
    'HTTP port of the processor’s own `/metrics`, on `HOST`; 0 = none',
    0,
    { min: 0, max: 65_535 },
  ),
  host: text('HOST', 'address the API (and the processor’s `/metrics`) listens on', '0.0.0.0'),
  publicUrl: {
    name: 'PUBLIC_URL',
    meaning:
      'URL under which relying parties reach the API: issuer of OIDC identities, base of links; behind a proxy it must be set',
    defaultText: 'the address each request was sent to',
    defaultValue: null as string | null,
    expected: 'an http:// or https:// URL',
    parse: (given: string) => urls(['http:', 'https:'])(given)?.[0]?.replace(/\/$/, ''),
  },
  dataDir: text('DATA_DIR', 'where the embedded parts keep their state', '.data'),
  finality: {
    name: 'FINALITY',
    meaning: "`node` (the node's finalized head) or a confirmation depth in blocks",
    defaultText: '`node`',
    defaultValue: { type: 'NODE' } as Finality,
    expected: '"node" or a whole number of blocks',
    parse: finality,
  },
  maxHeadAgeSeconds: {
    ...number(
      'MAX_HEAD_AGE',
      'seconds the head may lag behind the clock before answers about now are refused (`status` and answers with `at` aside); 0 = off',
      600,
      { min: 0, max: 31_536_000 },
    ),
    defaultText: '600; off with the sample chain',
    /** Not given: as the chain that the index holds asks for, `maxHeadAge`. */
    defaultValue: null as number | null,
  },
  sampleBlockMs: number(
    'SAMPLE_BLOCK_TIME',
    'milliseconds between the last blocks of the sample chain, which arrive one by one',
    2_000,
    { min: 10, max: 600_000 },
  ),
  auditIntervalSeconds: number(
    'AUDIT_INTERVAL',
    "seconds between samples of the index that are compared with the chain's storage; 0 = off",
    3_600,
    { min: 0, max: 31_536_000 },
  ),
  auditSampleSize: number('AUDIT_SAMPLE', 'entries compared each time', 2_000, {
    min: 1,
    max: 1_000_000,
  }),
  responderKey: path('RESPONDER_KEY', 'PEM file with the private key of the OCSP/CRL signer'),
  responderCert: path('RESPONDER_CERT', 'PEM file with the certificate of the OCSP/CRL signer'),
  trustProxy: number(
    'TRUST_PROXY',
    'proxies in front whose X-Forwarded-For names the client, for rate limits; 0 = none, the address of the socket counts',
    0,
    { min: 0, max: 16 },
  ),
  trustedDocuments: {
    ...path(
      'TRUSTED_DOCUMENTS',
      'JSON file of GraphQL documents by id or SHA-256; when given no others run but those of the explorer, and there is no GraphiQL',
    ),
    defaultText: 'any document',
  },
  assurancePolicy: {
    ...path(
      'ASSURANCE_POLICY',
      'JSON file of the policy that scores claims where a question brings none: terms, their weights and whose word counts (docs/tokens.md)',
    ),
    defaultText: 'our own',
  },
  introspection: oneOf('INTROSPECTION', 'schema by query, and GraphiQL: `on` or `off`', 'on', [
    'on',
    'off',
  ]),
  csrfHeader: {
    name: 'CSRF_HEADER',
    meaning: 'header that GraphQL requests other than POST of JSON must carry',
    defaultText: 'none',
    defaultValue: null as string | null,
    expected: 'the name of a header',
    parse: (given: string) => (/^[A-Za-z][\w-]{0,63}$/.test(given) ? given : undefined),
  },
  corsOrigin: {
    name: 'CORS_ORIGIN',
    meaning:
      'origin whose pages may read answers, or `*` for all (data are public, no credentials are used)',
    defaultText: '`*`',
    defaultValue: '*',
    expected: '* or one origin, as https://app.example',
    parse: (given: string) =>
      given === '*' || (URL.canParse(given) && new URL(given).origin === given) ? given : undefined,
  },
  registries: {
    ...path(
      'REGISTRIES',
      'JSON file of further registries by name, each with settings of its own; the API serves each under `/r/{name}/`',
    ),
    defaultText: 'none: one registry',
  },
  nodeExplorerUrl: {
    name: 'NODE_EXPLORER_URL',
    meaning:
      'link of the explorer to a block at its node, `{hash}` in place of the block hash, as `https://polkadot.js.org/apps/?rpc=wss%3A%2F%2Fnode.example#/explorer/query/{hash}`',
    defaultText: 'none; with the sample chain, its own node',
    defaultValue: null as string | null,
    expected: 'an http:// or https:// URL with {hash} in it',
    parse: nodeExplorerUrl,
  },
  otlpEndpoint: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    meaning:
      'URL of an OpenTelemetry collector (OTLP over HTTP; spans go to `/v1/traces` below it): requests, GraphQL operations, SQL, batches and RPC calls as traces',
    defaultText: 'no traces',
    defaultValue: null as string | null,
    expected: 'an http:// or https:// URL',
    parse: (given: string) => urls(['http:', 'https:'])(given)?.[0],
  },
  logLevel: oneOf('LOG_LEVEL', 'least severe log lines that are shown', 'info', [
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
  ]),
} satisfies Record<string, Setting<unknown>>

/** Limits of the API are settings, too: one row each in `src/api/limits.ts`. */
const limitSettings = Object.fromEntries(
  Object.entries(limitTable).map(([key, { setting, meaning, defaultValue, min, max }]) => [
    key,
    number(setting, meaning, defaultValue, { min, max }),
  ]),
) as Readonly<Record<keyof Limits, Setting<number>>>

/** Every setting there is, in the order of README's table. */
export const allSettings: Readonly<Record<string, Setting<unknown>>> = {
  ...settings,
  ...limitSettings,
}

type Values = {
  readonly [K in keyof typeof settings]: (typeof settings)[K] extends Setting<infer T> ? T : never
}

export type Config = Values & {
  readonly limits: Limits
  /** No node was named: the sample chain is replayed by a node of our own. */
  readonly isSampleChain: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The process's environment over a `.env` file in the working directory.
 * @throws {AppError} BAD_USER_INPUT with one line for each setting that cannot be used.
 */
export function readConfig(env: Environment = process.env, envFile = '.env'): Config {
  const file = readEnvFile(envFile)
  return parseConfig({ ...file, ...env }, Object.keys(file))
}

/** @throws {AppError} as `readConfig`. Names in `ownNames` are checked for slips of the pen. */
export function parseConfig(env: Environment, ownNames: readonly string[] = []): Config {
  const problems = unknownNames(env, ownNames)
  const values: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(allSettings)) {
    const given = env[setting.name]?.trim() ?? ''
    values[key] = given === '' ? setting.defaultValue : setting.parse(given)
    if (values[key] === undefined) {
      problems.push(`${setting.name} is "${masked(given)}": expected ${setting.expected}`)
    }
  }
  if ((values['responderKey'] === null) !== (values['responderCert'] === null)) {
    problems.push('RESPONDER_KEY and RESPONDER_CERT go together: expected both or neither')
  }
  if (problems.length > 0) throw new AppError('BAD_USER_INPUT', problems.join('\n'))
  return derive(values as Values & Limits)
}

function derive(values: Values & Limits): Config {
  const isSampleChain = values.rpcEndpoints.length === 0
  const limits = Object.fromEntries(
    Object.keys(limitTable).map((key) => [key, values[key as keyof Limits]]),
  ) as Limits
  return Object.freeze({ ...values, limits, isSampleChain })
}

/** The process's environment over a `.env` file. @throws {AppError} as `readConfig`. */
export function readEnvironment(env: Environment = process.env, envFile = '.env'): Environment {
  return { ...readEnvFile(envFile), ...env }
}

function readEnvFile(file: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(file, 'utf8')) as Record<string, string | undefined>
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new AppError('BAD_USER_INPUT', `cannot read ${file}`, {}, { cause: error })
  }
}

/** A name nearly that of a setting in our own file, or with our prefix, was meant for us and would be ignored. */
function unknownNames(env: Environment, ownNames: readonly string[]): string[] {
  const known = Object.values(allSettings).map(({ name }) => name)
  const suspects = [...ownNames, ...Object.keys(env).filter((k) => k.startsWith('AUTO_REGISTRY_'))]
  return suspects.flatMap((name) => {
    const near = known.find((setting) => isSlipOf(name.replace(/^AUTO_REGISTRY_/, ''), setting))
    if (known.includes(name)) return []
    if (near !== undefined) return [`${name} is not a setting: expected ${near}`]
    return name.startsWith('AUTO_REGISTRY_') ? [`${name} is not a setting`] : []
  })
}

/** Equal but for case, a plural s, or up to two letters changed, missing or too many. */
function isSlipOf(name: string, setting: string): boolean {
  return name.length > 5 && editDistance(name.toUpperCase(), setting) <= 2
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** Passwords inside URLs stay out of terminals and logs. */
function masked(text: string): string {
  return text.replace(/(:\/\/[^/@:]*):[^@]*@/g, '$1:***@')
}
