/** Liveness and readiness. */
import { type HeadWatch, isHeadTooOld, type MaxHeadAge } from './head-watch'
import type { HeadState } from './readers'

/** The process answers. */
export function handleHealth(): Response {
  return json(200, { status: 'ok' })
}

/**
 * Ready when the database answers, the head is within `MAX_HEAD_AGE`, and the index has what readers need once it has
 * caught up; 503 and why otherwise.
 */
export async function handleReady(context: {
  readonly head: HeadWatch
  readonly nowMs: () => number
  readonly maxHeadAgeSeconds: MaxHeadAge
}): Promise<Response> {
  let head: HeadState
  try {
    head = await context.head.current()
  } catch {
    return json(503, { status: 'unavailable', reason: 'the index cannot be read, or is empty' })
  }
  const nowMs = context.nowMs()
  const facts = { height: head.height, headAgeSeconds: Math.round((nowMs - head.timeMs) / 1000) }
  const reason = unreadyReason(head, isHeadTooOld(head, nowMs, context.maxHeadAgeSeconds))
  return reason === null
    ? json(200, { status: 'ready', ...facts })
    : json(503, { status: 'unavailable', reason, ...facts })
}

function unreadyReason(head: HeadState, isTooOld: boolean): string | null {
  if (isTooOld) return 'the head is over MAX_HEAD_AGE'
  if (head.missingIndexes === 0) return null
  return `${head.missingIndexes} indexes for readers are still to be made, once the index has caught up`
}

function json(status: number, body: Record<string, unknown>): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
}
