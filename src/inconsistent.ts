/** Failures of a node's answers, as opposed to failures to answer. */

import { AppError, type ErrorFacts } from './errors'

/** The node contradicts itself, or the chain it began with. */
export function inconsistent(message: string, facts: ErrorFacts = {}, cause?: unknown): AppError {
  return new AppError('INCONSISTENT_NODE', message, facts, { cause })
}

/** Runs what may fail on the shape of an answer; any such failure is the node's. */
export function trusting<T>(what: string, facts: ErrorFacts, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw inconsistent(`${what}: ${why}.`, facts, cause)
  }
}
