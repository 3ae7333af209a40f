/** What verifyEvidence must refuse: cases, each with the check that decides, and which checks have them where. */

import { expect } from 'vitest'
import type { RegistryCheckCode } from '../../src/verify/codes'
import type { Policy } from '../../src/verify/policy'
import type { Verdict } from '../../src/verify/verdict'
import { type Asked, verdictOn } from './evidence'

export type Refusal = {
  readonly title: string
  readonly code: RegistryCheckCode
  readonly asked?: Asked
  readonly policy?: Partial<Policy>
  readonly verdict: Verdict
  readonly indication?: string
  /** The identity the deciding check names. */
  readonly about?: string
}

/** Made because a policy asks for them; the others are made of every certificate. */
export const POLICY_CHECKS: readonly RegistryCheckCode[] = [
  'TRUST_ANCHOR',
  'FINALITY',
  'LATER_REVOCATION',
  'KEY_STRENGTH',
  'PATH_LENGTH',
  'RFC5280_PATH',
]

/** Made by callers from other evidence: composite.test.ts, presented.test.ts, findings.test.ts. */
export const MADE_ELSEWHERE: readonly RegistryCheckCode[] = [
  'COMPOSITE',
  'PRESENTED_SIGNATURE',
  'FINDINGS',
]

export function expectRefused({ code, asked, policy, verdict, indication, about }: Refusal): void {
  const result = verdictOn(asked, policy)
  const failures = result.failures.filter((check) => check.code === code)
  expect([result.verdict, failures.length > 0]).toEqual([verdict, true])
  if (indication !== undefined) expect(result.indication).toBe(indication)
  if (about !== undefined) expect(failures.map((check) => check.autoId)).toContain(about)
}
