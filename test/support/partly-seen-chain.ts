/** A registry of a few names whose blocks show some calls, only the events of others, and what was rolled back. */
import { concatBytes, fromHex, type Hex } from '../../src/bytes'
import { eventKindOf } from '../../src/registry/event-kind'
import { deriveIdentifier } from '../../src/registry/identifier'
import { execute } from '../../src/registry/transition'
import type {
  BlockRecord,
  ExecutionNode,
  RegistryCall,
  RegistryCallKind,
  StateRead,
  StoredEntry,
  UnexplainedEvent,
} from '../../src/registry/types'
import { applied, blockOf, ED25519, makeTbs, NOW, name, observed, serial } from './registry-builder'
import { PalletState } from './tree-run'

type Named = { readonly issuerId: Hex | null; readonly commonName: Uint8Array; readonly id: Hex }

function named(issuer: Named | null, text: string): Named {
  const issuerId = issuer?.id ?? null
  const commonName = Buffer.from(text)
  return { issuerId, commonName, id: deriveIdentifier(issuerId, commonName) }
}

const ROOT = named(null, 'root')
const LEAF = named(ROOT, 'leaf')
/** Either leaf can be a root under the same identifier, too. */
export const NAMES = [ROOT, named(null, 'other'), LEAF, named(LEAF, 'below')]
export const SERIALS = [1n, 2n, 3n]

/** Whether a signature is good plays no part here. */
export const anySignature = () => ({ ok: true }) as const

export type CallParts = {
  readonly kind: RegistryCallKind
  readonly of: Named
  readonly isRoot: boolean
  readonly serial: bigint
  readonly spki: Uint8Array
  readonly signature: Uint8Array
}

export function callOf({ kind, of, isRoot, spki, signature, ...parts }: CallParts): RegistryCall {
  const signed = { signatureAlgorithm: ED25519, signature }
  if (kind === 'REVOKE' || kind === 'DEACTIVATE') return { kind, autoId: of.id, ...signed }
  const issuerId = isRoot ? null : of.issuerId
  const prefix = fromHex(isRoot && of.issuerId !== null ? of.issuerId : '0x')
  const subject = name(concatBytes(prefix, of.commonName))
  const certificate = makeTbs({ subject, spki, serial: serial(Number(parts.serial)) })
  const request = { issuerId, certificate, ...signed }
  return kind === 'REGISTER' ? { kind, ...request } : { kind, autoId: of.id, ...request }
}

export type Step = {
  readonly shown: 'CALLS' | 'EVENTS' | 'ROLLED_BACK'
  readonly calls: readonly RegistryCall[]
}

export class PartlySeenChain {
  private state = new PalletState()
  private readonly raw = new Map<Hex, Uint8Array>()

  genesis(calls: readonly RegistryCall[]): BlockRecord {
    for (const call of calls) this.execute(call)
    const stateRead = this.read(NAMES.map(({ id }) => id))
    return blockOf(0, { timestamp: null, stateRead: { ...stateRead, removed: [] } })
  }

  block(height: number, steps: readonly Step[]): BlockRecord {
    const nodes: ExecutionNode[] = []
    const unexplained: UnexplainedEvent[] = []
    let eventIndex = 0
    for (const { shown, calls } of steps) {
      if (shown === 'ROLLED_BACK') nodes.push(rolledBack(calls))
      for (const call of shown === 'ROLLED_BACK' ? [] : calls) {
        const result = this.execute(call)
        if (result.ok && shown === 'CALLS') nodes.push(applied(call, result.autoId, eventIndex++))
        else if (result.ok) {
          const event = {
            kind: eventKindOf(call),
            autoId: result.autoId,
            eventIndex: eventIndex++,
          }
          unexplained.push({ ...event, extrinsicIndex: 2, extrinsicHash: null })
        } else if (shown === 'CALLS') {
          const error = `AutoId.${result.error}`
          nodes.push({
            type: 'CALL',
            call: observed(call, { status: 'FAILED', error, derived: false }),
          })
        }
      }
    }
    const ids = unexplained.map(({ autoId }) => autoId)
    const issuers = this.read(ids).entries.flatMap(({ issuerId }) => issuerId ?? [])
    const stateRead = ids.length === 0 ? null : this.read([...ids, ...issuers])
    return blockOf(height, { nodes, unexplained, stateRead })
  }

  private execute(call: RegistryCall) {
    const result = execute(this.state, call, NOW, anySignature)
    if (!result.ok) return result
    this.state = this.state.after(result.changes)
    if ('certificate' in call) this.raw.set(result.autoId, call.certificate)
    return result
  }

  private read(asked: readonly Hex[]): StateRead {
    const ids = [...new Set(asked)]
    const { state } = this
    const entries = ids.flatMap((autoId): StoredEntry[] => {
      const entry = state.entry(autoId)
      const raw = this.raw.get(autoId)
      const issuedSerials = SERIALS.filter((value) => state.isIssued(autoId, value))
      return entry && raw ? [{ ...entry, autoId, raw, issuedSerials }] : []
    })
    const removed = ids.filter((id) => state.entry(id) === undefined)
    const revocationLists = ids.map((issuerId) => ({
      issuerId,
      serials: SERIALS.filter((value) => state.isRevoked(issuerId, value)),
    }))
    return { entries, removed, revocationLists }
  }
}

/** What the calls would have done was undone by a call of another pallet after them. */
function rolledBack(calls: readonly RegistryCall[]): ExecutionNode {
  const items = calls.map((call) => ({
    type: 'CALL' as const,
    call: observed(call, { status: 'NOT_EXECUTED', derived: true }),
    originIsSigned: true,
  }))
  const each = { type: 'SEQUENCE', mode: 'FORCE_BATCH', items } as const
  const all = [each, { type: 'OTHER', result: 'ANY' } as const]
  const root = { type: 'SEQUENCE', mode: 'BATCH_ALL', items: all } as const
  return { type: 'ROLLED_BACK', error: 'Token.FundsUnavailable', root }
}
