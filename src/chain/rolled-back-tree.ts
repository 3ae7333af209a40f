/** A rolled-back subtree reduced to what decides which of its calls ran: input of the registry's re-execution. */

import type { ObservedCall, RolledBackNode } from '../registry/types'
import { holdsRegistryCall, isRegistryCall } from './auto-id-pallet'
import { type CallNode, callName } from './call-tree'
import { innerOrigin, type Origin, otherResult } from './origin'
import type { Runtime } from './runtime'

/** Without items too: filtered inside a batch_all, and never failing for a reason of their own. */
const BATCHES: ReadonlySet<string> = new Set([
  'Utility.batch',
  'Utility.batch_all',
  'Utility.force_batch',
])

export type ObserveCall = (node: CallNode) => ObservedCall

export function buildRolledBack(
  node: CallNode,
  origin: Origin,
  runtime: Runtime,
  observe: ObserveCall,
): RolledBackNode {
  if (isRegistryCall(node)) {
    return { type: 'CALL', call: observe(node), originIsSigned: origin.kind === 'SIGNED' }
  }
  if (node.children.length === 0 && !BATCHES.has(callName(node))) {
    return other(node, origin)
  }
  const within = innerOrigin(node, origin, runtime)
  const inner = node.children.map((child) => buildRolledBack(child, within, runtime, observe))
  const blocked = blockingError(node, origin, runtime)
  if (blocked !== null) return { type: 'BLOCKED', error: blocked, inner }
  const wrapper = knownWrapper(node, inner, runtime)
  if (wrapper !== null) return wrapper
  return holdsRegistryCall(node) ? { type: 'UNKNOWN_WRAPPER', inner } : other(node, origin)
}

function other(node: CallNode, origin: Origin): RolledBackNode {
  return { type: 'OTHER', result: otherResult(callName(node), origin) }
}

function knownWrapper(
  node: CallNode,
  inner: readonly RolledBackNode[],
  runtime: Runtime,
): RolledBackNode | null {
  const [first, second] = inner
  switch (callName(node)) {
    case 'Utility.batch':
      return { type: 'SEQUENCE', mode: 'BATCH', items: inner }
    case 'Utility.batch_all':
      return { type: 'SEQUENCE', mode: 'BATCH_ALL', items: inner }
    case 'Utility.force_batch':
      return { type: 'SEQUENCE', mode: 'FORCE_BATCH', items: inner }
    case 'Utility.if_else':
      if (first && second) return { type: 'IF_ELSE', main: first, fallback: second }
      break
    case 'Utility.dispatch_as':
      if (first) return { type: 'WRAPPER', swallowsError: true, inner: first }
      break
    case 'Sudo.sudo':
    case 'Sudo.sudo_as':
    case 'Sudo.sudo_unchecked_weight':
      if (first) return sudo(first, isStockSudo(node, runtime))
      break
    case 'Utility.dispatch_as_fallible':
    case 'Utility.as_derivative':
    case 'Utility.with_weight':
      if (first) return { type: 'WRAPPER', swallowsError: false, inner: first }
      break
  }
  return null
}

/** The domain's own sudo pallet keeps no key, and has no `sudo_as`. */
function isStockSudo(node: CallNode, runtime: Runtime): boolean {
  return node.name === 'sudo_as' || runtime.hasStorage('Sudo', 'Key')
}

/** Whether the account is the one that the stock pallet takes cannot be told: its check may fail before the call runs. */
function sudo(inner: RolledBackNode, isStock: boolean): RolledBackNode {
  const wrapper: RolledBackNode = { type: 'WRAPPER', swallowsError: true, inner }
  const check: RolledBackNode = { type: 'OTHER', result: 'ANY' }
  return isStock ? { type: 'SEQUENCE', mode: 'BATCH_ALL', items: [check, wrapper] } : wrapper
}

/**
 * The error a wrapper returns before any call inside it runs; null when it lets them run.
 *
 * @see pallet-utility lib.rs (`ensure_none` refused, `ensure_root`, `TooManyCalls`); pallet-domain-sudo `ensure_none`
 */
function blockingError(node: CallNode, origin: Origin, runtime: Runtime): string | null {
  const { kind } = origin
  switch (callName(node)) {
    case 'Utility.batch_all':
      if (origin.filtersBatchAll) return 'System.CallFiltered'
      return kind === 'NONE' ? 'BadOrigin' : tooManyCalls(node, runtime)
    case 'Utility.batch':
    case 'Utility.force_batch':
      return kind === 'NONE' ? 'BadOrigin' : tooManyCalls(node, runtime)
    case 'Utility.if_else':
      return kind === 'NONE' ? 'BadOrigin' : null
    case 'Utility.as_derivative':
      return kind === 'SIGNED' ? null : 'BadOrigin'
    case 'Utility.dispatch_as':
    case 'Utility.dispatch_as_fallible':
    case 'Utility.with_weight':
      return kind === 'ROOT' ? null : 'BadOrigin'
    case 'Sudo.sudo':
    case 'Sudo.sudo_as':
    case 'Sudo.sudo_unchecked_weight':
      // The domain's own sudo pallet takes inherents only, the stock one a single account.
      if (!isStockSudo(node, runtime)) return kind === 'NONE' ? null : 'BadOrigin'
      return kind === 'SIGNED' ? null : 'Sudo.RequireSudo'
    default:
      return null
  }
}

function tooManyCalls(node: CallNode, runtime: Runtime): string | null {
  const limit = runtime.constant('Utility', 'batched_calls_limit')
  return typeof limit === 'number' && node.children.length > limit ? 'Utility.TooManyCalls' : null
}
