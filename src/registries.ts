/** The further registries of a deployment: a JSON file of settings by name, each over those of the first registry. */

import { readFileSync } from 'node:fs'
import { type Config, parseConfig, readConfig, readEnvironment, settings } from './config'
import { AppError } from './errors'

export type NamedConfig = {
  readonly name: string
  readonly config: Config & { readonly databaseUrl: string }
}

/** The one the environment itself describes, served at `/`. */
export const FIRST_REGISTRY = 'main'

/** Tell a registry from others: never taken over from the first one. */
const own = [
  settings.databaseUrl,
  settings.databaseReadUrls,
  settings.rpcEndpoints,
  settings.nodeExplorerUrl,
  settings.responderKey,
  settings.responderCert,
  settings.processorMetricsPort,
].map(({ name }) => name)

/** May differ; what is not given is as for the first one. */
const adjustable = [
  settings.finality,
  settings.maxHeadAgeSeconds,
  settings.rpcBatchSize,
  settings.rpcTimeoutSeconds,
  settings.auditIntervalSeconds,
  settings.auditSampleSize,
  settings.assurancePolicy,
].map(({ name }) => name)

const required = [settings.databaseUrl.name, settings.rpcEndpoints.name]
const MAX_REGISTRIES = 100

/**
 * What `REGISTRIES` names; an empty list when it names nothing.
 * @throws {AppError} BAD_USER_INPUT with one line for each problem; two registries never share a database.
 */
export function readRegistries(
  environment: Readonly<Record<string, string | undefined>> = readEnvironment(),
): readonly NamedConfig[] {
  const first = parseConfig(environment)
  if (first.registries === null) return []
  const entries = Object.entries(readFile(first.registries))
  if (entries.length > MAX_REGISTRIES) fail(first.registries, `more than ${MAX_REGISTRIES}`)
  const named = entries.map(([name, given]) => {
    const config = parseEntry(name, given, environment, first.registries ?? '')
    return { name, config }
  })
  refuseShared([{ name: FIRST_REGISTRY, config: first }, ...named], first.registries)
  return named
}

function readFile(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isObject(value)) return value
  } catch (error) {
    // Node's own words about JSON quote it, passwords included.
    const isJson = error instanceof SyntaxError
    return fail(file, isJson || !(error instanceof Error) ? 'not valid JSON' : error.message)
  }
  return fail(file, 'expected a JSON object of settings by name of a registry')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Settings of one registry: of the first without a name.
 * @throws {AppError} BAD_USER_INPUT as `readConfig` and `readRegistries`, or when `REGISTRIES` has no such name.
 */
export function readConfigOf(name: string | undefined): Config {
  const first = readConfig()
  if (name === undefined || name === FIRST_REGISTRY) return first
  const found = readRegistries().find((registry) => registry.name === name)
  if (found === undefined) {
    const line = `--registry is "${name}": expected a name that ${settings.registries.name} holds`
    throw new AppError('BAD_USER_INPUT', line)
  }
  return found.config
}

function parseEntry(
  name: string,
  given: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  file: string,
): NamedConfig['config'] {
  const shown = JSON.stringify(name.slice(0, 40))
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name) || name === FIRST_REGISTRY) {
    fail(file, `registry ${shown}: expected a name of a-z, 0-9 and -, other than ${FIRST_REGISTRY}`)
  }
  if (!isObject(given)) fail(file, `registry ${shown}: expected an object of settings`)
  const values = Object.entries(given).map(([key, value]) => {
    if (![...own, ...adjustable].includes(key)) {
      fail(file, `registry ${shown}: ${key} is not a setting of a further registry`)
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      fail(file, `registry ${shown}: ${key}: expected text or a number`)
    }
    return [key, String(value)] as const
  })
  const merged = { ...environment, ...Object.fromEntries(own.map((key) => [key, undefined])) }
  const wanted = { ...merged, ...Object.fromEntries(values), [settings.registries.name]: undefined }
  try {
    const missing = required.find((key) => (wanted[key as keyof typeof wanted] ?? '') === '')
    if (missing !== undefined) throw new AppError('BAD_USER_INPUT', `${missing} is missing`)
    const config = parseConfig(wanted)
    return { ...config, databaseUrl: config.databaseUrl ?? '' }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const lines = error.message.split('\n').map((line) => `registry ${shown}: ${line}`)
    return fail(file, lines.join('; '), error)
  }
}

/** Whoever reads another registry's database answers for the wrong one. */
function refuseShared(
  all: readonly { readonly name: string; readonly config: Config }[],
  file: string,
): void {
  const owners = new Map<string, string>()
  for (const { name, config } of all) {
    for (const url of new Set([config.databaseUrl ?? [], config.databaseReadUrls].flat())) {
      const { host, pathname } = new URL(url)
      const place = `${host}${pathname}`
      const owner = owners.get(place)
      if (owner !== undefined && owner !== name) {
        fail(file, `registries ${owner} and ${name} share the database ${place}`)
      }
      owners.set(place, name)
    }
  }
}

function fail(file: string, problem: string, cause?: unknown): never {
  const line = `${settings.registries.name} is "${file}": ${problem.replace(/\s+/g, ' ')}`
  throw new AppError('BAD_USER_INPUT', line, {}, { cause })
}
