/** `GET /status/{id}`: the cheapest answer to "is it good now?". */
import type { Hex } from '../bytes'
import { respond } from './cache-headers'
import { type Identity, type IdentityContext, readIdentity, renderAsOf } from './identity'
import type { PathLink } from './readers'
import { statusOf } from './standing'

export async function handleStatus(
  context: IdentityContext,
  request: Request,
  autoId: Hex,
): Promise<Response> {
  const identity = await readIdentity(context, autoId, new URL(request.url))
  const body = JSON.stringify(renderStatus(identity))
  return respond(request, body, 'application/json', identity.freshness)
}

/**
 * `status` is the identity's own; `good` asks every issuer up to the root as well, and `fault` names the first that
 * is not. A relying party that reads one field reads `good`.
 */
export function renderStatus({ path, subject, standing, atMs }: Identity) {
  const status = statusOf(subject, atMs)
  return {
    id: subject.autoId,
    good: standing.isGood,
    status,
    reason: reasonOf(subject, status),
    revokedAt: revokedAtOf(subject, status),
    validUntil: standing.isGood ? new Date(standing.validUntilMs).toISOString() : null,
    ...(standing.isGood ? {} : { fault: { id: standing.fault.autoId, code: standing.fault.code } }),
    asOf: renderAsOf(path),
  }
}

function reasonOf(subject: PathLink, status: string): string | null {
  if (status === 'REVOKED') return subject.revocation?.reason ?? null
  return status === 'DEACTIVATED' ? 'CESSATION_OF_OPERATION' : null
}

function revokedAtOf(subject: PathLink, status: string) {
  const at =
    status === 'REVOKED'
      ? subject.revocation?.at
      : status === 'DEACTIVATED'
        ? subject.deactivatedAt
        : null
  return at == null ? null : { height: at.height, timestamp: new Date(at.timeMs).toISOString() }
}
