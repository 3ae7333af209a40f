/** `npm start`: everything on this machine. Processor and API are processes of their own, so that neither holds up the other. */

import { randomBytes } from 'node:crypto'
import { type Config, readConfig } from '../config'
import { type NamedConfig, readRegistries } from '../registries'
import { migrate } from '../store/migrate'
import { ensureReaderLogin } from '../store/reader-login'
import { type Child, startChild } from './child'
import { untilStopped } from './lifetime'
import { openDatabase, openNode, type Part, readIndexedHash } from './parts'
import { checkAddress, checkFiles } from './preflight'
import { showCatchUp } from './progress'
import { claimDataDir } from './single-start'

/** Ends what was started, newest first. */
type Cleanup = (() => Promise<void> | void)[]

export async function main(): Promise<number> {
  const config = readConfig()
  await checkFiles(config)
  const cleanup: Cleanup = []
  let stopped = false
  const stop = untilStopped().then(() => {
    stopped = true
    process.once('SIGINT', () => process.exit(130))
  })
  try {
    cleanup.push(claimDataDir(config.dataDir))
    const running = startAll(config, cleanup, () => stopped)
    await Promise.race([running, stop])
    if (!stopped) await stop
    say('stopping')
    return 0
  } finally {
    stopped = true
    for (const end of cleanup.reverse()) await end()
  }
}

async function startAll(config: Config, cleanup: Cleanup, isStopped: () => boolean): Promise<void> {
  await checkAddress(config)
  await checkNode(config)
  const database = await openDatabase(config, true)
  cleanup.push(() => database.close())
  say(`database  ${database.description}`)
  const applied = await migrate(database.url)
  if (applied.length > 0) say(`database  migrated: ${applied.join(', ')}`)
  const node = await openNode(config, await readIndexedHash(database.url))
  cleanup.push(() => node.close())
  say(`node      ${node.description}`)

  const environment = await environmentOf(config, database, node)
  const processor = await startChild('processor', environment)
  cleanup.push(() => processor.close())
  for (const registry of readRegistries()) cleanup.push(await startFurther(registry))
  const api = await startChild('api', environment)
  cleanup.push(() => api.close())
  greet(api)
  const position = await showCatchUp(database.url, isStopped, showProgress())
  if (position !== null) say(`caught up at block ${position.height}; Ctrl-C stops`)
}

/** @throws {AppError} as `connectChain`: no answer, another kind of chain, or batches refused. */
async function checkNode(config: Config): Promise<void> {
  if (config.isSampleChain) return
  // The processor is a process of its own: this one needs no chain for the rest of its life.
  const { connectChain } = await import('../chain/connect.js')
  const chain = await connectChain({
    endpoints: config.rpcEndpoints,
    batchSize: config.rpcBatchSize,
    timeoutMs: config.rpcTimeoutSeconds * 1_000,
  })
  chain.close()
}

async function startFurther({ name, config }: NamedConfig): Promise<() => Promise<void>> {
  const applied = await migrate(config.databaseUrl)
  if (applied.length > 0) say(`database  of ${name} migrated: ${applied.join(', ')}`)
  const child = await startChild('processor', {}, ['--registry', name])
  say(`registry  ${name}, served under /r/${name}/`)
  return () => child.close()
}

/** Both children see one set of settings, whatever was embedded. */
async function environmentOf(
  config: Config,
  database: Part,
  node: Part,
): Promise<Record<string, string>> {
  const readUrls =
    config.databaseUrl === null
      ? await ensureReaderLogin(database.url, randomBytes(24).toString('hex'))
      : config.databaseReadUrls.join(',')
  return {
    DATABASE_URL: database.url,
    DATABASE_READ_URLS: readUrls,
    RPC_ENDPOINT: node.url,
    NODE_EXPLORER_URL: nodeExplorerUrl(config, node) ?? '',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
  }
}

/** The sample chain's node is ours and on this machine; other nodes' URLs may be private, so those are never told. */
function nodeExplorerUrl(config: Config, node: Part): string | null {
  if (!config.isSampleChain || config.nodeExplorerUrl !== null) return config.nodeExplorerUrl
  return `https://polkadot.js.org/apps/?rpc=${encodeURIComponent(node.url)}#/explorer/query/{hash}`
}

function greet({ url }: Child): void {
  const ask = (query: string) =>
    `  curl -s ${url}/graphql -H 'content-type: application/json' -d '{"query":"${query}"}'`
  say(`explorer  ${url}/`)
  say(`GraphQL   ${url}/graphql`)
  say('to try:')
  say(ask('{ status { head { height hash timestamp } lagBlocks } }'))
  say(ask('{ autoIds(first: 3) { totalCount nodes { id commonName status } } }'))
  say(ask('{ events(last: 3) { nodes { kind block { height } autoId { commonName } } } }'))
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** On a terminal one line that changes; elsewhere a line every few seconds. */
function showProgress(): (line: string) => void {
  let lastMs = 0
  return (line) => {
    if (process.stdout.isTTY) {
      process.stdout.write(`\r\u001b[K${line}\r`)
    } else if (Date.now() - lastMs >= 2_000) {
      lastMs = Date.now()
      say(line)
    }
  }
}
