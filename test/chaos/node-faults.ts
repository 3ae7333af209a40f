/** Faults of a node by the number of the call, and lies that must be found out. */

import type { Fault, FaultHook } from '../../src/devnet/faults'

export type ArmedNodeFault = { readonly call: number; readonly fault: NodeFault }

export type NodeFault =
  | { readonly type: 'plain'; readonly fault: Fault }
  /** Every connection is cut. */
  | { readonly type: 'disconnect' }
  /** The next block's header names another state. */
  | { readonly type: 'forgedHeader' }
  /** The next block comes without its last extrinsic. */
  | { readonly type: 'missingExtrinsic' }
  /** The next storage answer names another number of events. */
  | { readonly type: 'forgedCount' }

type BlockAnswer = { block: { header: object; extrinsics: unknown[] } }
type StorageAnswer = { changes: [string, string | null][] }[]

const METHOD_OF: Partial<Record<NodeFault['type'], string>> = {
  forgedHeader: 'chain_getBlock',
  missingExtrinsic: 'chain_getBlock',
  forgedCount: 'state_queryStorageAt',
}

export class NodeFaults {
  private pending: ArmedNodeFault[] = []
  private count = 0
  fired = 0

  constructor(private readonly dropConnections: () => void) {}

  /** From now on, by the number of the call (1 is the next one). Replaces what was armed before. */
  arm(faults: readonly ArmedNodeFault[]): void {
    this.count = 0
    this.pending = [...faults]
  }

  readonly hook: FaultHook = ({ method }) => {
    this.count += 1
    const place = this.pending.findIndex(
      ({ call, fault }) => call <= this.count && (METHOD_OF[fault.type] ?? method) === method,
    )
    if (place < 0) return undefined
    const [found] = this.pending.splice(place, 1)
    this.fired += 1
    return found === undefined ? undefined : this.toFault(found.fault)
  }

  private toFault(fault: NodeFault): Fault | undefined {
    switch (fault.type) {
      case 'plain':
        return fault.fault
      case 'disconnect':
        setImmediate(this.dropConnections)
        return { type: 'hang' }
      case 'forgedHeader':
        return changed<BlockAnswer>(({ block }) => ({
          block: { ...block, header: { ...block.header, stateRoot: `0x${'11'.repeat(32)}` } },
        }))
      case 'missingExtrinsic':
        return changed<BlockAnswer>(({ block }) => ({
          block: { ...block, extrinsics: block.extrinsics.slice(0, -1) },
        }))
      case 'forgedCount':
        return changed<StorageAnswer>((answer) =>
          answer.map(({ changes, ...rest }) => ({
            ...rest,
            changes: changes.map(([key, value]): [string, string | null] =>
              value !== null && value.length === 10 ? [key, '0xffff0000'] : [key, value],
            ),
          })),
        )
    }
  }
}

function changed<T>(change: (result: T) => unknown): Fault {
  return {
    type: 'result',
    change: (result) => (result === null ? null : change(result as T)),
  }
}
