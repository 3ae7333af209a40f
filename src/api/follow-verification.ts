/** A verdict as it changes: asked again with every move of the index, and when its own clock runs out. */

import type { Policy } from '../verify/policy'
import type { ApiContext } from './context'
import { type Source, sourceOf } from './iterators'
import { toVerification } from './map/verification'
import type { CertificateRef } from './types/inputs'
import type { VerificationResult } from './types/verification'
import { verifySubject } from './verification'

/** Node's timers hold 31 bits of milliseconds; a later change is waited for again. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The first verdict at once; then only those that differ from the one before. */
export function followVerification(
  context: ApiContext,
  subject: CertificateRef,
  policy: Policy,
): Source<VerificationResult> {
  const moves = context.hub.follow()
  let pending: Promise<IteratorResult<true, void>> | null = null
  let last: string | null = null
  let until: number | null = null
  const end = async (): Promise<IteratorResult<VerificationResult, void>> => {
    await moves.return?.()
    return { done: true, value: undefined }
  }
  const next = async (): Promise<IteratorResult<VerificationResult, void>> => {
    for (;;) {
      pending ??= moves.next()
      const clock = elapsed(until)
      const woken = await Promise.race([pending, clock.over])
      clock.cancel()
      if (woken !== 'CLOCK') {
        pending = null
        if (woken.done === true) return end()
      }
      const result = await ask(context, subject, policy)
      until = result.span().untilMs
      const fingerprint = essence(result)
      if (fingerprint === last) continue
      last = fingerprint
      return { done: false, value: result }
    }
  }
  return sourceOf(next, end)
}

async function ask(
  context: ApiContext,
  subject: CertificateRef,
  policy: Policy,
): Promise<VerificationResult> {
  const session = await context.renewSession()
  const moment = await session.momentOf(null)
  const { maxPemBytes } = context.limits
  const question = { session, moment, knownAt: moment, policy, maxPemBytes }
  return toVerification(await verifySubject(subject, question), moment, moment.height)
}

/** What a relying party would act on: a new head alone is no change. */
function essence(result: VerificationResult): string {
  const failures = result.failures.map(({ code, autoIdId, eventId }) => [code, autoIdId, eventId])
  const findings = result.findings.map(({ code, autoIdId, eventId }) => [code, autoIdId, eventId])
  const chain = result.chain.map(({ hop }) => hop.certificateId)
  return JSON.stringify([
    result.verdict,
    result.indication,
    failures,
    findings,
    chain,
    result.span().untilMs,
  ])
}

/** Settles just after `until`; never without one. */
function elapsed(until: number | null): { readonly over: Promise<'CLOCK'>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<'CLOCK'>((resolve) => {
    if (until === null) return
    const wait = Math.min(MAX_TIMER_MS, Math.max(0, until + 1 - Date.now()))
    timer = setTimeout(() => resolve('CLOCK'), wait).unref()
  })
  return { over, cancel: () => clearTimeout(timer) }
}
