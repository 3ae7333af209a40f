/** Structured log lines of the roots. */

import { type Logger, pino } from 'pino'
import { currentRequestId } from './request-id'

export type { Logger }

/** JSON lines on stderr, so that a command's own output stays clean; those of a request carry its id. */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, base: { pid: process.pid }, mixin: requestFacts }, pino.destination(2))
}

function requestFacts(): { requestId?: string } {
  const requestId = currentRequestId()
  return requestId === undefined ? {} : { requestId }
}
