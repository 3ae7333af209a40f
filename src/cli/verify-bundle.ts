/** `auto-registry verify-bundle FILE`: checks an evidence bundle offline, without any service. Exit 1 when a check fails. */

import { readFileSync } from 'node:fs'
import { serialToHex } from '../bytes'
import { AppError } from '../errors'
import { type BundleReport, verifyBundle } from '../proof/bundle'
import { parseBundle } from '../proof/bundle-format'

/** A bundle holds whole event vectors and proofs; this is far above the largest seen, far below what hurts. */
const MAX_BUNDLE_BYTES = 64 * 1024 * 1024

export async function main(argv: readonly string[]): Promise<number> {
  const file = argv[0]
  if (file === undefined) throw new AppError('BAD_USER_INPUT', 'usage: verify-bundle FILE')
  const report = verifyBundle(readBundle(file))
  for (const line of describeReport(report)) console.log(line)
  return report.ok ? 0 : 1
}

function readBundle(file: string) {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `cannot read ${file}`, {}, { cause })
  }
  if (bytes.length > MAX_BUNDLE_BYTES) {
    throw new AppError('BAD_USER_INPUT', `${file} is over ${MAX_BUNDLE_BYTES} bytes: no bundle`)
  }
  const parsed = parseBundle(bytes.toString('utf8'))
  if (!parsed.ok) throw new AppError('BAD_USER_INPUT', `${file}: ${parsed.message}`)
  return parsed.bundle
}

export function describeReport(report: BundleReport): string[] {
  const checks = report.checks.map(
    (check) =>
      `${check.ok ? 'ok  ' : 'FAIL'} ${check.name} ${check.autoId.slice(0, 12)}… ${check.message}`,
  )
  const hops = report.hops.map((hop) => {
    const serial = hop.entry ? `serial ${serialToHex(hop.entry.serial)}` : 'not registered'
    return `     ${hop.autoId} ${serial}${hop.revoked ? ' REVOKED' : ''}`
  })
  const result = report.ok
    ? 'Every check holds, PROVIDED that these blocks are on the chain:'
    : 'At least one check FAILED. The bundle rests on these blocks:'
  return [...checks, 'Proved state, leaf first:', ...hops, result, ...describeTrust(report)]
}

function describeTrust({ restsOn, blockHash, genesisHash }: BundleReport): string[] {
  const blocks = restsOn.map(({ height, hash, parentOf }) => {
    const what = hash === blockHash ? 'state' : 'call'
    const link = parentOf === null ? '' : ` (parent of ${parentOf.slice(0, 12)}…)`
    return `     block ${height} ${hash} ${what}${link}`
  })
  return [
    ...blocks,
    'The file cannot show that; a made-up block passes. Compare each height and hash with a node you trust.',
    `The file says genesis ${genesisHash}: not proved by it either.`,
  ]
}
