/** The registry's word about an identity, in the shape tokens and proofs ask for it. */
import type { IdentityAt, ReadIdentity } from '../tokens/identity'
import { assertHeadAge, type HeadWatch, type MaxHeadAge } from './head-watch'
import type { Moment, Readers, RegistryPath } from './readers'
import { type Fault, standingOf, subjectOf } from './standing'

export function createReadIdentity(context: {
  readonly readers: Pick<Readers, 'readPath'>
  readonly head: HeadWatch
  readonly nowMs: () => number
  readonly maxHeadAgeSeconds: MaxHeadAge
}): ReadIdentity {
  return async (autoId, at) => {
    if (at === null) {
      assertHeadAge(await context.head.current(), context.nowMs(), context.maxHeadAgeSeconds)
    }
    const path = await context.readers.readPath(autoId, at)
    return path === null ? null : identityAt(path, clockOf(at, path, context.nowMs()))
  }
}

function clockOf(at: Moment, path: RegistryPath, nowMs: number): number {
  if (at === null) return nowMs
  return 'timeMs' in at ? at.timeMs : path.asOf.timeMs
}

function identityAt(path: RegistryPath, atMs: number): IdentityAt {
  const subject = subjectOf(path)
  const standing = standingOf(path, atMs)
  const fault = standing.isGood ? null : standing.fault
  return {
    autoId: subject.autoId,
    verdict: verdictOf(fault),
    fault: fault === null ? null : { code: fault.code, message: inWords(fault, subject.autoId) },
    spki: subject.certificate.spki,
    certificate: subject.certificate.der,
    trustAnchor: path.isComplete ? (path.links[path.links.length - 1]?.autoId ?? null) : null,
    asOf: path.asOf,
  }
}

/** What could not be checked is undetermined; everything else is the registry's own word. */
function verdictOf(fault: Fault | null): IdentityAt['verdict'] {
  if (fault === null) return 'VALID'
  return fault.code === 'SIGNATURE_NOT_VERIFIED' ? 'INDETERMINATE' : 'INVALID'
}

function inWords({ autoId, code, since }: Fault, subject: string): string {
  const who = autoId === subject ? autoId : `its issuer ${autoId}`
  const when =
    since === null ? '' : ` since block ${since.height} (${new Date(since.timeMs).toISOString()})`
  return `${who} is ${code.toLowerCase().replaceAll('_', ' ')}${when}`
}
