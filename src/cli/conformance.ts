/** `npm run conformance`: path validation over foreign cases, one JSON result a line. */
import { createWriteStream, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { AppError } from '../errors'
import { type ConformanceResult, runCase } from './conformance-cases'

const USAGE = 'usage: conformance --suite FILE.jsonl[.gz] --out RESULTS.jsonl'

/** Exit code 0 when every case got a verdict, whatever it is; 2 when the arguments cannot be used. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readArguments(argv)
  if (options === undefined) {
    process.stderr.write(`${USAGE}\n`)
    return 2
  }
  const counts = { SUCCESS: 0, FAILURE: 0 }
  const out = createWriteStream(options.out)
  for (const line of readLines(options.suite)) {
    const result: ConformanceResult = runCase(JSON.parse(line))
    counts[result.verdict]++
    out.write(`${JSON.stringify(result)}\n`)
  }
  await new Promise<void>((resolve, reject) => {
    out.on('error', reject)
    out.end(resolve)
  })
  process.stdout.write(`${counts.SUCCESS} SUCCESS, ${counts.FAILURE} FAILURE\n`)
  return 0
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

/** Non-empty lines of a text file, gunzipped when its name says so. */
export function readLines(path: string): string[] {
  const bytes = readFile(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text.split('\n').filter((line) => line.trim() !== '')
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `cannot read the suite ${path}`, { path }, { cause })
  }
}
