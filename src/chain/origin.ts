/** Under which origin nested calls run: it decides what fails before it begins. */

import type { OtherResult } from '../registry/types'
import { type CallNode, decodeArgument } from './call-tree'
import type { Preamble } from './extrinsic'
import type { Runtime } from './runtime'
import { ScaleEnum } from './scale'

export type Origin = {
  readonly kind: 'SIGNED' | 'ROOT' | 'NONE'
  /** Inside a `batch_all` of a signed account, where a further `batch_all` is filtered. */
  readonly filtersBatchAll: boolean
}

const ROOT: Origin = { kind: 'ROOT', filtersBatchAll: false }
const SIGNED: Origin = { kind: 'SIGNED', filtersBatchAll: false }

export function originOf(preamble: Preamble): Origin {
  return { kind: preamble === 'SIGNED' ? 'SIGNED' : 'NONE', filtersBatchAll: false }
}

/**
 * The origin of the calls inside a wrapper. The filter goes on through batch, if_else and as_derivative, and is dropped
 * by dispatch_as, with_weight and sudo, which set an origin of their own.
 *
 * @see pallet-utility lib.rs `batch_all` (add_filter), `dispatch_as`, `with_weight`
 */
export function innerOrigin(node: CallNode, origin: Origin, runtime: Runtime): Origin {
  if (node.pallet === 'Sudo') return node.name === 'sudo_as' ? SIGNED : ROOT
  if (node.pallet !== 'Utility') return origin
  switch (node.name) {
    case 'batch_all':
      return origin.kind === 'ROOT' ? origin : { ...origin, filtersBatchAll: true }
    case 'with_weight':
      return ROOT
    case 'dispatch_as':
    case 'dispatch_as_fallible':
      return { kind: dispatchedOrigin(node, runtime), filtersBatchAll: false }
    default:
      return origin
  }
}

/** `OriginCaller::system(RawOrigin::…)`; every other origin is no signed one. */
function dispatchedOrigin(node: CallNode, runtime: Runtime): Origin['kind'] {
  const caller = decodeArgument(node, 'as_origin', runtime)
  const raw = caller instanceof ScaleEnum && caller.variant === 'system' ? caller.value : null
  if (!(raw instanceof ScaleEnum)) return 'NONE'
  return raw.variant === 'Signed' ? 'SIGNED' : raw.variant === 'Root' ? 'ROOT' : 'NONE'
}

const ROOT_ONLY: ReadonlySet<string> = new Set([
  'System.set_heap_pages',
  'System.set_code',
  'System.set_code_without_checks',
  'System.set_storage',
  'System.kill_storage',
  'System.kill_prefix',
  'System.authorize_upgrade',
  'System.authorize_upgrade_without_checks',
  'Balances.force_transfer',
  'Balances.force_unreserve',
  'Balances.force_set_balance',
  'Balances.force_adjust_total_issuance',
])
const SIGNED_ONLY: ReadonlySet<string> = new Set([
  'System.remark_with_event',
  'Balances.transfer_allow_death',
  'Balances.transfer_keep_alive',
  'Balances.transfer_all',
  'Balances.burn',
])
const INHERENTS: ReadonlySet<string> = new Set([
  'Timestamp.set',
  'ExecutivePallet.set_code',
  'BlockFees.set_next_consensus_chain_byte_fee',
])

/** With the right origin these return no error. */
const NEVER_FAILING: ReadonlySet<string> = new Set([
  'System.remark',
  'System.remark_with_event',
  'System.set_heap_pages',
])

/** What a call of another pallet may return under this origin. */
export function otherResult(name: string, { kind }: Origin): OtherResult {
  const isTaken = takesOrigin(name, kind)
  if (isTaken === null) return 'ANY'
  if (!isTaken) return 'BAD_ORIGIN'
  return NEVER_FAILING.has(name) ? 'SUCCESS' : 'ANY_BUT_BAD_ORIGIN'
}

/** Null: not known. */
function takesOrigin(name: string, kind: Origin['kind']): boolean | null {
  if (ROOT_ONLY.has(name)) return kind === 'ROOT'
  if (SIGNED_ONLY.has(name)) return kind === 'SIGNED'
  if (INHERENTS.has(name)) return kind === 'NONE'
  return name === 'System.remark' ? kind !== 'NONE' : null
}
