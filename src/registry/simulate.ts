/** Pre-flight: what the chain would answer to a call, and whose standing it would change. */
import type { Hex } from '../bytes'
import { identifierOfCall } from './pallet-certificate'
import { type CheckSignature, verifyPalletSignature } from './pallet-signature'
import { execute, isValidAt } from './transition'
import type { RegistryCall, RegistryError, RegistryView, StateChange } from './types'
import { WorkingState } from './working-state'

/** An identifier's standing by itself, whatever stands above it. */
export type Standing = 'ABSENT' | 'REVOKED' | 'NOT_VALID' | 'GOOD'

/** Everything below an identifier whose standing changes shares its fate: count its descendants for the blast radius. */
type StandingChange = {
  readonly autoId: Hex
  readonly before: Standing
  readonly after: Standing
}

export type Simulation =
  | {
      readonly outcome: 'ERROR'
      /** As the chain would record it: `AutoId.<name>`. */
      readonly error: `AutoId.${RegistryError}`
      /** The identifier the call is about; null when its certificate yields none. */
      readonly autoId: Hex | null
    }
  | {
      readonly outcome: 'APPLIED'
      readonly autoId: Hex
      readonly changes: readonly StateChange[]
      readonly standing: readonly StandingChange[]
    }

/**
 * The view is not changed. Fees, the payer's balance and its nonce are not looked at.
 * @param nowMs the moment the call is taken to be executed, milliseconds since the epoch
 */
export function simulate(
  view: RegistryView,
  call: RegistryCall,
  nowMs: number,
  checkSignature: CheckSignature = verifyPalletSignature,
): Simulation {
  const result = execute(view, call, nowMs, checkSignature)
  if (!result.ok) {
    return { outcome: 'ERROR', error: `AutoId.${result.error}`, autoId: identifierOfCall(call) }
  }
  const { autoId, changes } = result
  const after = new WorkingState(view)
  after.apply(changes)
  const standing = [...affectedIds(autoId, changes)].flatMap((id): StandingChange[] => {
    const before = standingOf(view, id, nowMs)
    const now = standingOf(after, id, nowMs)
    return before === now ? [] : [{ autoId: id, before, after: now }]
  })
  return { outcome: 'APPLIED', autoId, changes, standing }
}

/** By the registry's own rules: an entry, within its validity, its serial not in the list that judges it. */
export function standingOf(view: RegistryView, autoId: Hex, nowMs: number): Standing {
  const entry = view.entry(autoId)
  if (entry === undefined) return 'ABSENT'
  if (view.isRevoked(entry.issuerId ?? autoId, entry.serial)) return 'REVOKED'
  return isValidAt(entry, nowMs) ? 'GOOD' : 'NOT_VALID'
}

function affectedIds(autoId: Hex, changes: readonly StateChange[]): Set<Hex> {
  const ids = new Set<Hex>([autoId])
  for (const change of changes) {
    ids.add(change.type === 'SERIAL_REVOKED' ? change.issuerId : change.autoId)
  }
  return ids
}
