/** `npm run devnet`: serves a recorded chain as a Substrate node until it is stopped. */

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startDevnet } from '../devnet/devnet'
import { AppError } from '../errors'
import { sampleChain } from './sample-chain'

const USAGE = `devnet: replays a recorded chain as a Substrate node (JSON-RPC over HTTP and WebSocket on one port)

  --chain DIR          recorded chain (default: chains/dev)
  --host ADDRESS       default 127.0.0.1
  --port N             default 9944; 0: any free port
  --from HEIGHT        first head; later blocks arrive one by one (default: all have arrived)
  --block-time MS      time between arrivals (default 6000 with --from)
  --finality-lag N     blocks between head and finalized head (default: as recorded)
  --latency MS         round trip added to every answer
  --max-batch N        largest batch served; 0 refuses batches (default: no limit)
`

/** Runs until SIGINT or SIGTERM. Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(argv)
    if (options === null) {
      process.stdout.write(USAGE)
      return 0
    }
    const devnet = await startDevnet(options)
    const { height, hash } = devnet.head()
    // Who waits for the line below may end us at once.
    const end = stopped()
    process.stdout.write(
      `devnet: ${devnet.url} and ${devnet.wsUrl}, head ${height} ${hash}, ` +
        `finalized ${devnet.finalized().height}, ${devnet.node.pending} blocks to come\n`,
    )
    await end
    await devnet.close()
    return 0
  } catch (error) {
    process.stderr.write(`devnet: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

function parseOptions(argv: readonly string[]) {
  const values = readFlags(argv)
  if (values.help === true) return null
  const from = optionalNumber('from', values.from)
  const maxBatch = optionalNumber('max-batch', values['max-batch'])
  const lag = optionalNumber('finality-lag', values['finality-lag'])
  return {
    chainDir: resolve(values.chain ?? sampleChain),
    host: values.host ?? '127.0.0.1',
    port: optionalNumber('port', values.port) ?? 9944,
    latencyMs: optionalNumber('latency', values.latency) ?? 0,
    ...(from === undefined ? {} : { initialHeight: from }),
    blockTimeMs:
      optionalNumber('block-time', values['block-time']) ?? (from === undefined ? 0 : 6000),
    ...(lag === undefined ? {} : { finalityLag: lag }),
    batches: maxBatch === undefined ? true : maxBatch === 0 ? false : maxBatch,
  }
}

function readFlags(argv: readonly string[]) {
  try {
    const text = { type: 'string' } as const
    return parseArgs({
      args: [...argv],
      options: {
        chain: text,
        host: text,
        port: text,
        from: text,
        'block-time': text,
        'finality-lag': text,
        latency: text,
        'max-batch': text,
        help: { type: 'boolean' },
      },
    }).values
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('BAD_USER_INPUT', `${why} (see --help)`)
  }
}

function optionalNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) {
    throw new AppError('BAD_USER_INPUT', `--${name} must be a whole number, not ${text}.`)
  }
  return Number(text)
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
