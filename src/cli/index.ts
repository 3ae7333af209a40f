/** `auto-registry <command>`: finds the command, runs it, turns its failure into one line and an exit code. */

import { AppError } from '../errors'
import { SaidByChild } from './child'
import { asLines } from './terminal'

const commands: Readonly<Record<string, string>> = {
  start: 'everything on this machine: Postgres, migrations, processor, API, explorer',
  migrate: 'bring the database to the schema of this version',
  processor: 'follow the chain into the database',
  api: 'answer from the database',
  devnet: 'replay a recorded chain as a Substrate node',
  audit: "compare the index with the chain's own storage",
  conformance: 'path validation over a file of cases',
  'make-chain': 'make a chain of any size for the devnet to serve',
  sign: 'sign a file as an Auto ID',
  verify: 'verify a signed file',
  'verify-bundle': 'verify an evidence bundle offline',
}

type Command = {
  readonly main: (argv: readonly string[]) => Promise<number>
  /** Exit code when it fails; 1 by default. */
  readonly failureCode?: number
}

let failureCode = 1

async function run(name: string | undefined, argv: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(usage())
    return name === undefined ? 1 : 0
  }
  if (commands[name] === undefined) {
    throw new AppError('BAD_USER_INPUT', `${name} is not a command\n${usage().trimEnd()}`)
  }
  const command: Command = await import(`./${name}.js`)
  failureCode = command.failureCode ?? 1
  return command.main(argv)
}

function usage(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, does]) => `  ${name.padEnd(width)}  ${does}`)
  return `auto-registry <command> [options]\n\n${lines.join('\n')}\n`
}

/** What the user can act on is said in a line; anything else is our fault and shows where it came from. */
function explain(error: unknown): string {
  if (error instanceof AppError || isBadOption(error)) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Of `parseArgs`: its message names the option. */
function isBadOption(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS_/.test(String(error.code))
}

/** Who reads no further (`| head`) ends a program by SIGPIPE elsewhere: 128 + 13, which is no command's verdict. */
const BROKEN_PIPE = 141

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(BROKEN_PIPE)
  throw error
})

run(process.argv[2], process.argv.slice(3)).then(
  (code) => {
    process.exitCode = code
    // The channel to a parent would keep us alive.
    if (process.connected) process.disconnect()
  },
  (error: unknown) => {
    if (!(error instanceof SaidByChild)) {
      process.stderr.write(`auto-registry: ${asLines(explain(error))}\n`)
    }
    process.exit(failureCode)
  },
)
