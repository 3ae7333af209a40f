/** Verdicts over the recorded chain in a database of its own, at any of its blocks. */

import pg from 'pg'
import { readEvidence } from '../../src/store/read/evidence'
import { DEFAULT_POLICY, type Policy } from '../../src/verify/policy'
import type { VerificationResult } from '../../src/verify/verdict'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import { indexDevChain } from './indexed-dev-chain'
import { createTestDatabase } from './postgres'
import { canonicalStates } from './recorded-state'

export const canonical = canonicalStates()

/** A block as the state a verdict is given at. */
export function pointOf(height: number) {
  const block = canonical[height]
  if (!block || block.number !== height) throw new Error(`no block ${height}`)
  return { height, hash: block.hash, timeMs: block.timestamp, isFinal: height <= 278 }
}

export type RecordedVerdicts = {
  readonly pool: pg.Pool
  /** By the block's own clock, knowing nothing later than block `knownAt` (default: the same block). */
  verdict(
    autoId: string,
    height: number,
    policy?: Partial<Policy>,
    knownAt?: number,
  ): Promise<VerificationResult>
  close(): Promise<void>
}

export async function openRecordedVerdicts(): Promise<RecordedVerdicts> {
  const database = await createTestDatabase()
  await indexDevChain(database.url)
  const pool = new pg.Pool({ connectionString: database.url })
  return {
    pool,
    verdict: async (autoId, height, policy = {}, knownAt = height) => {
      const state = pointOf(height)
      const moment = { state, clockMs: state.timeMs, knownAt: pointOf(knownAt) }
      const evidence = await readEvidence(pool, moment, { autoId })
      return verifyEvidence(evidence, { ...DEFAULT_POLICY, ...policy })
    },
    close: async () => {
      await pool.end()
      await database.close()
    },
  }
}

export const findingCodes = (result: VerificationResult) =>
  result.findings.map((finding) => finding.code)
