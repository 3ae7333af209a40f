/** Structured log lines of the roots. */

import { type Logger, pino } from 'pino'

export type { Logger }

/** JSON lines on stderr, so that a command's own output stays clean. */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, base: { pid: process.pid } }, pino.destination(2))
}
