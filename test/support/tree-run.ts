/**
 * What a runtime does with a call tree, written from the pallets' own source and apart from the walker: the events it
 * leaves, in order, what became of each AutoId call, and the registry's state afterwards.
 *
 * @see pallet-utility lib.rs, pallet-domain-sudo lib.rs. AutoId itself is `execute`, which the recorded pallet judges.
 */

import { concatBytes, fromHex, type Hex } from '../../src/bytes'
import { blake2b256 } from '../../src/hash'
import { identifierOfCall } from '../../src/registry/pallet-certificate'
import { execute } from '../../src/registry/transition'
import type { AutoIdEntry, RegistryCall, RegistryView, StateChange } from '../../src/registry/types'
import { type CallBytes, SIGNER } from './call-bytes'
import { type CallTree, childrenOf, type OriginName } from './call-trees'

/** The pallet's storage: copied for every layer, so that undoing is forgetting. */
export class PalletState implements RegistryView {
  constructor(
    readonly entries: ReadonlyMap<Hex, AutoIdEntry> = new Map(),
    readonly issued: ReadonlySet<string> = new Set(),
    readonly revoked: ReadonlySet<string> = new Set(),
  ) {}

  entry(autoId: Hex) {
    return this.entries.get(autoId)
  }

  isIssued(autoId: Hex, serial: bigint) {
    return this.issued.has(`${autoId} ${serial}`)
  }

  isRevoked(issuerId: Hex, serial: bigint) {
    return this.revoked.has(`${issuerId} ${serial}`)
  }

  after(changes: readonly StateChange[]): PalletState {
    const entries = new Map(this.entries)
    let issued = new Set(this.issued)
    const revoked = new Set(this.revoked)
    for (const change of changes) {
      if (change.type === 'ENTRY_SET') entries.set(change.autoId, change.entry)
      else if (change.type === 'SERIAL_ISSUED') issued.add(`${change.autoId} ${change.serial}`)
      else if (change.type === 'SERIAL_REVOKED') revoked.add(`${change.issuerId} ${change.serial}`)
      else {
        entries.delete(change.autoId)
        issued = new Set([...issued].filter((key) => !key.startsWith(`${change.autoId} `)))
      }
    }
    return new PalletState(entries, issued, revoked)
  }
}

export type Fate =
  | { readonly status: 'APPLIED'; readonly autoId: Hex }
  | { readonly status: 'FAILED'; readonly error: string }
  | { readonly status: 'REVERTED' }
  | { readonly status: 'NOT_EXECUTED' }

export type TreeEvent = { readonly bytes: Uint8Array; readonly path?: string }

export type Layer = { readonly error: string | null; readonly events: readonly TreeEvent[] }

type Place = {
  readonly origin: OriginName
  /** A `batch_all` of a signed account is around: no further one passes its filter. */
  readonly filtered: boolean
  readonly path: readonly number[]
}

const EVENT_NAMES = {
  REGISTER: 'NewAutoIdRegistered',
  RENEW: 'AutoIdRenewed',
  REVOKE: 'CertificateRevoked',
  DEACTIVATE: 'AutoIdDeactivated',
} as const

export class TreeRun {
  /** By call path; a call that is missing never ran. */
  readonly fates = new Map<string, Fate>()
  /** Paths of the calls that failed. */
  readonly rolledBack = new Set<string>()
  /** A call of another pallet failed for a reason of its own. */
  hasStrangerFailed = false

  constructor(
    readonly make: CallBytes,
    public state: PalletState,
    private readonly nowMs: number,
  ) {}

  /** A call in a storage layer of its own. */
  dispatch(tree: CallTree, place: Place): Layer {
    const before = this.state
    const layer = this.run(tree, place)
    if (layer.error === null) return layer
    this.state = before
    const path = place.path.join('.')
    this.rolledBack.add(path)
    for (const [at, fate] of this.fates) {
      const isInside = path === '' || at === path || at.startsWith(`${path}.`)
      if (isInside && fate.status === 'APPLIED') this.fates.set(at, { status: 'REVERTED' })
    }
    return { error: layer.error, events: [] }
  }

  private run(tree: CallTree, place: Place): Layer {
    const { origin } = place
    switch (tree.type) {
      case 'REGISTRY':
        return this.registry(tree.call, place)
      case 'REMARK':
        if (origin !== 'SIGNED') return failed('BadOrigin')
        return done([this.event('System.Remarked', fromHex(SIGNER), blake2b256(Buffer.from('x')))])
      case 'TRANSFER':
        if (origin !== 'SIGNED') return failed('BadOrigin')
        this.hasStrangerFailed = true
        return failed('Token.FundsUnavailable')
      case 'HEAP_PAGES':
        return origin === 'ROOT' ? done([]) : failed('BadOrigin')
      case 'batch':
        return origin === 'NONE' ? failed('BadOrigin') : this.batch(tree, place)
      case 'batch_all':
        if (place.filtered) return failed('System.CallFiltered')
        return origin === 'NONE' ? failed('BadOrigin') : this.batchAll(tree, place)
      case 'force_batch':
        return origin === 'NONE' ? failed('BadOrigin') : this.forceBatch(tree, place)
      case 'if_else':
        return origin === 'NONE' ? failed('BadOrigin') : this.ifElse(tree.items, place)
      case 'as_derivative':
        return origin === 'SIGNED' ? this.child(tree, 0, place) : failed('BadOrigin')
      case 'with_weight':
        return origin === 'ROOT'
          ? this.child(tree, 0, unfiltered(place, 'ROOT'))
          : failed('BadOrigin')
      case 'sudo':
        if (origin !== 'NONE') return failed('BadOrigin')
        return this.swallowing(tree, unfiltered(place, 'ROOT'), 'Sudo.Sudid')
      case 'dispatch_as':
        if (origin !== 'ROOT') return failed('BadOrigin')
        return this.swallowing(tree, unfiltered(place, tree.origin), 'Utility.DispatchedAs')
      case 'dispatch_as_fallible': {
        if (origin !== 'ROOT') return failed('BadOrigin')
        const inner = this.child(tree, 0, unfiltered(place, tree.origin))
        if (inner.error !== null) return inner
        return done([...inner.events, this.event('Utility.DispatchedAs', Uint8Array.of(0))])
      }
    }
  }

  private registry(call: RegistryCall, { origin, path }: Place): Layer {
    const at = path.join('.')
    const result =
      origin === 'SIGNED' ? execute(this.state, call, this.nowMs) : ({ ok: false } as const)
    if (!result.ok) {
      const error = 'error' in result ? `AutoId.${result.error}` : 'BadOrigin'
      this.fates.set(at, { status: 'FAILED', error })
      return failed(error)
    }
    this.state = this.state.after(result.changes)
    const autoId = identifierOfCall(call) ?? '0x'
    this.fates.set(at, { status: 'APPLIED', autoId })
    const bytes = this.make.event(`AutoId.${EVENT_NAMES[call.kind]}`, fromHex(autoId))
    return done([{ bytes, path: at }])
  }

  private batch(tree: CallTree, place: Place): Layer {
    const events: TreeEvent[] = []
    for (const index of childrenOf(tree).keys()) {
      const inner = this.child(tree, index, place)
      if (inner.error !== null) {
        const at = Uint8Array.of(index, 0, 0, 0)
        events.push(this.event('Utility.BatchInterrupted', at, this.error(inner.error)))
        return done(events)
      }
      events.push(...inner.events, this.event('Utility.ItemCompleted'))
    }
    return done([...events, this.event('Utility.BatchCompleted')])
  }

  private batchAll(tree: CallTree, place: Place): Layer {
    const events: TreeEvent[] = []
    const within = { ...place, filtered: place.filtered || place.origin === 'SIGNED' }
    for (const index of childrenOf(tree).keys()) {
      const inner = this.child(tree, index, within)
      if (inner.error !== null) return inner
      events.push(...inner.events, this.event('Utility.ItemCompleted'))
    }
    return done([...events, this.event('Utility.BatchCompleted')])
  }

  private forceBatch(tree: CallTree, place: Place): Layer {
    const events: TreeEvent[] = []
    let hasErrors = false
    for (const index of childrenOf(tree).keys()) {
      const inner = this.child(tree, index, place)
      hasErrors ||= inner.error !== null
      events.push(
        ...inner.events,
        inner.error === null
          ? this.event('Utility.ItemCompleted')
          : this.event('Utility.ItemFailed', this.error(inner.error)),
      )
    }
    const end = hasErrors ? 'Utility.BatchCompletedWithErrors' : 'Utility.BatchCompleted'
    return done([...events, this.event(end)])
  }

  private ifElse(items: readonly CallTree[], place: Place): Layer {
    const tree: CallTree = { type: 'batch', items }
    const main = this.child(tree, 0, place)
    if (main.error === null) {
      return done([...main.events, this.event('Utility.IfElseMainSuccess')])
    }
    const fallback = this.child(tree, 1, place)
    if (fallback.error !== null) return fallback
    const called = this.event('Utility.IfElseFallbackCalled', this.error(main.error))
    return done([...fallback.events, called])
  }

  private swallowing(tree: CallTree, within: Place, marker: string): Layer {
    const { error, events } = this.child(tree, 0, within)
    const result =
      error === null ? Uint8Array.of(0) : concatBytes(Uint8Array.of(1), this.error(error))
    return done([...events, this.event(marker, result)])
  }

  private child(tree: CallTree, index: number, place: Place): Layer {
    const child = childrenOf(tree)[index]
    if (child === undefined) throw new Error('no such child')
    return this.dispatch(child, { ...place, path: [...place.path, index] })
  }

  private event(name: string, ...args: Uint8Array[]): TreeEvent {
    return { bytes: this.make.event(name, ...args) }
  }

  error(name: string): Uint8Array {
    return this.make.dispatchError(name)
  }
}

function unfiltered(place: Place, origin: OriginName): Place {
  return { ...place, origin, filtered: false }
}

function failed(error: string): Layer {
  return { error, events: [] }
}

function done(events: readonly TreeEvent[]): Layer {
  return { error: null, events }
}
