/** The policy that scores claims where a question brings none, from the file that ASSURANCE_POLICY names. */

import { readFileSync } from 'node:fs'
import { AppError } from '../errors'
import {
  type AssurancePolicy,
  DEFAULT_ASSURANCE_POLICY,
  readAssurancePolicy,
} from '../tokens/assurance'

/** @throws {AppError} BAD_USER_INPUT, one line: no such file, not JSON, or not a policy. */
export function loadAssurancePolicy(file: string | null): AssurancePolicy {
  if (file === null) return DEFAULT_ASSURANCE_POLICY
  try {
    return readAssurancePolicy(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : 'unreadable'
    const problem = cause instanceof SyntaxError ? 'not valid JSON' : said.replace(/\s+/g, ' ')
    throw new AppError('BAD_USER_INPUT', `ASSURANCE_POLICY is "${file}": ${problem}`, {}, { cause })
  }
}
