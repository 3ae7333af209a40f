/** The directory that DATA_DIR names. */

import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { AppError } from './errors'

/**
 * Makes it, and those above it that are missing. Step by step: Node's own `recursive` never returns from a place where
 * nothing can be made, such as /proc.
 *
 * @returns what was made, outermost first
 * @throws {AppError} BAD_USER_INPUT, one line
 */
export function makeDataDir(dataDir: string): readonly string[] {
  try {
    return makeWithin(path.resolve(dataDir))
  } catch (cause) {
    throw unusableDataDir(dataDir, cause)
  }
}

export function unusableDataDir(dataDir: string, cause: unknown): AppError {
  const why = cause instanceof Error && 'code' in cause ? `${cause.code}` : 'it cannot be made'
  const message = `DATA_DIR is "${dataDir}": expected a directory to write to (${why})`
  return new AppError('BAD_USER_INPUT', message, {}, { cause })
}

function makeWithin(dir: string): string[] {
  if (isDirectory(dir)) return []
  const parent = path.dirname(dir)
  const made = parent === dir ? [] : makeWithin(parent)
  try {
    mkdirSync(dir)
  } catch (error) {
    // Another process may have been first.
    if (!isDirectory(dir)) throw error
    return made
  }
  return [...made, dir]
}

function isDirectory(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false
}
