/** The events of one block, proved against its state root, beside what the index made of them. */

import { fromHex, type Hex } from './bytes'
import { readRegistryEvent } from './chain/auto-id-pallet'
import { decodeEvents } from './chain/events'
import { Runtime } from './chain/runtime'
import { inconsistent, trusting } from './inconsistent'
import { collectBlockProof } from './node/collect-proof'
import type { NodeRpc } from './node/rpc'
import { verifyBlockProof } from './proof/block-proof'
import { compareEvents, type EventDifference, type EventSummary } from './proof/compare'
import type { IndexedEvents } from './store/read/audit'

/**
 * What the index holds of a block's AutoId events, and how many events it counts, against the chain's own.
 *
 * @param indexed by the hash the index knows the block by: what a node proves is bound to it
 * @throws {AppError} INCONSISTENT_NODE when the node's proof does not hold: then nothing was compared
 */
export async function auditEvents(
  rpc: NodeRpc,
  indexed: IndexedEvents,
): Promise<EventDifference[]> {
  return compareEvents(indexed.height, await readProvenEvents(rpc, indexed.hash), indexed)
}

async function readProvenEvents(rpc: NodeRpc, blockHash: Hex): Promise<EventSummary> {
  const proof = await collectBlockProof(rpc, blockHash)
  const outcome = verifyBlockProof(proof)
  if (!outcome.ok) throw inconsistent(outcome.message)
  const { number, parentHash } = proof.header
  const runtime = await readRuntime(rpc, number === 0 ? blockHash : parentHash)
  return trusting(`The proven events of block ${number} do not decode`, { blockHash }, () => {
    const events = outcome.vectors.flatMap((vector) => decodeEvents(fromHex(vector), runtime))
    return {
      eventCount: outcome.eventCount,
      events: events.flatMap((event, eventIndex) => {
        const read = readRegistryEvent(event)
        return read === null ? [] : [{ ...read, eventIndex }]
      }),
    }
  })
}

/** The runtime in the state at `hash`: the one that executed the block after it. */
async function readRuntime(rpc: NodeRpc, hash: Hex): Promise<Runtime> {
  const version = await rpc.call<{ specName: string; specVersion: number } | null>(
    'state_getRuntimeVersion',
    [hash],
  )
  const metadata = await rpc.call<Hex | null>('state_getMetadata', [hash])
  if (!version || typeof metadata !== 'string') throw inconsistent('The node gave no runtime.')
  return new Runtime(version.specName, version.specVersion, metadata)
}
