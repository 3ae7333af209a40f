/** `npm run conformance`: path validation over foreign cases, one JSON result a line. */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { AppError } from '../errors'
import { type ConformanceResult, runCase } from './conformance-cases'

const USAGE = 'usage: conformance --suite FILE.jsonl[.gz] --out RESULTS.jsonl'

/** Exit code 0 when every line got a verdict, whatever it is; 2 when the arguments cannot be used. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readArguments(argv)
  if (options === undefined) {
    process.stderr.write(`${USAGE}\n`)
    return 2
  }
  const suite = readText(options.suite)
  const counts = { SUCCESS: 0, FAILURE: 0, unreadable: 0 }
  const results = function* () {
    for (const result of runLines(suite)) {
      counts[result.verdict]++
      if (result.codes.includes('CASE_UNREADABLE')) counts.unreadable++
      yield `${JSON.stringify(result)}\n`
    }
  }
  await write(results(), options.out)
  const unreadable = counts.unreadable === 0 ? '' : ` (${counts.unreadable} unreadable)`
  process.stdout.write(`${counts.SUCCESS} SUCCESS, ${counts.FAILURE} FAILURE${unreadable}\n`)
  return 0
}

/** A destination that cannot be written is told so in one line, and before any case is run for nothing. */
async function write(lines: Iterable<string>, path: string): Promise<void> {
  try {
    const file = await open(path, 'w')
    await pipeline(lines, file.createWriteStream())
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause
    const message = `cannot write the results to ${path}: ${cause.message}`
    throw new AppError('BAD_USER_INPUT', message, { path }, { cause })
  }
}

/** One result a line, under its number where it tells no id. */
function* runLines(text: string): Generator<ConformanceResult> {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const result = runLine(line)
    yield result.id === '' ? { ...result, id: String(index + 1) } : result
  }
}

/** No line may take the others' verdicts with it: what cannot be read or run has failed. */
function runLine(line: string): ConformanceResult {
  try {
    return runCase(JSON.parse(line))
  } catch {
    return { id: idIn(line), verdict: 'FAILURE', codes: ['CASE_UNREADABLE'] }
  }
}

/** The id a line names, though the line as a whole is no JSON; empty without one. */
function idIn(line: string): string {
  const quoted = /"id"\s*:\s*("(?:[^"\\]|\\.){0,1000}")/.exec(line)?.[1]
  try {
    return quoted === undefined ? '' : String(JSON.parse(quoted))
  } catch {
    return ''
  }
}

function readArguments(argv: readonly string[]): { suite: string; out: string } | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { suite: { type: 'string' }, out: { type: 'string' } },
    })
    const { suite, out } = values
    return suite === undefined || out === undefined ? undefined : { suite, out }
  } catch {
    return undefined
  }
}

/** Non-empty lines of a text file, gzipped or not. */
export function readLines(path: string): string[] {
  return readText(path)
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path)
    // The magic number, whatever the name says (RFC 1952 §2.3.1).
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (cause) {
    const message = `cannot read the suite ${path}: ${(cause as Error).message}`
    throw new AppError('BAD_USER_INPUT', message, { path }, { cause })
  }
}
