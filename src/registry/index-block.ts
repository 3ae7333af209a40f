/** A block's way into the index: the pure function that the processor and the tests both run. */
import { type Hex, toHex } from '../bytes'
import { BlockBuilder, blockItemId } from './block-builder'
import type { BlockChanges } from './block-changes'
import { applyCall } from './index-call'
import type { IndexSession } from './index-session'
import { applyGenesis, applyUnexplained, settleStateRead } from './index-state'
import { decodePalletCertificate, identifierOfCall } from './pallet-certificate'
import { type CheckSignature, verifyPalletSignature } from './pallet-signature'
import { callsOf, resolveRolledBack } from './rolled-back'
import type { BlockRecord, CallOutcome, ObservedCall, RegistryCall } from './types'

/** Does nothing in it concern the registry, as in most blocks of a chain? It changes nothing then, and its own row is all there is. */
export function isQuiet(block: BlockRecord): boolean {
  const { height, nodes, remarks, unexplained, quarantined, stateRead } = block
  const found = nodes.length + remarks.length + unexplained.length + quarantined.length
  return height > 0 && found === 0 && stateRead === null
}

/**
 * Applies one block to the session and tells what it changed. Blocks go in by height, each after its parent.
 * @throws {AppError} INCONSISTENT_NODE when the block cannot follow from the state the index holds: never a guess.
 */
export function indexBlock(
  session: IndexSession,
  block: BlockRecord,
  checkSignature: CheckSignature = verifyPalletSignature,
): BlockChanges {
  const builder = new BlockBuilder(session, block)
  if (block.height === 0) applyGenesis(builder)
  else applyNodes(builder, checkSignature)
  addRemarks(builder)
  addQuarantined(builder)
  session.state.forgetJournal()
  return builder.finish()
}

/** Calls in execution order; events no call explains take their place among them by event index. */
function applyNodes(builder: BlockBuilder, checkSignature: CheckSignature): void {
  const { block, session } = builder
  const unexplained = [...block.unexplained].sort((a, b) => a.eventIndex - b.eventIndex)
  const nowMs = block.timestamp ?? 0
  const counter = new CallCounter()
  const visit = (observed: ObservedCall, outcome: CallOutcome) => {
    const order = counter.next(observed.extrinsicIndex)
    if (outcome.status !== 'APPLIED') {
      addFailedCall(builder, observed, outcome, order)
      return
    }
    while (unexplained[0] !== undefined && unexplained[0].eventIndex < outcome.eventIndex) {
      applyUnexplained(builder, unexplained[0])
      unexplained.shift()
    }
    applyCall(builder, observed, outcome, checkSignature)
  }
  for (const node of block.nodes) {
    if (node.type === 'CALL') {
      visit(node.call, node.call.outcome)
      continue
    }
    const outcomes = resolveRolledBack(session.state, node, nowMs, checkSignature)
    for (const [index, call] of callsOf(node.root).entries()) {
      visit(call, outcomes[index] ?? { status: 'NOT_EXECUTED', derived: true })
    }
  }
  for (const event of unexplained) applyUnexplained(builder, event)
  settleStateRead(builder)
}

/** Numbers the AutoId calls of each extrinsic, in pre-order. */
class CallCounter {
  private readonly counts = new Map<number, number>()

  next(extrinsicIndex: number): number {
    const order = this.counts.get(extrinsicIndex) ?? 0
    this.counts.set(extrinsicIndex, order + 1)
    return order
  }
}

function addFailedCall(
  builder: BlockBuilder,
  observed: ObservedCall,
  outcome: Exclude<CallOutcome, { status: 'APPLIED' }>,
  order: number,
): void {
  const { call, extrinsicIndex, extrinsicHash, callPath, wrappers, signer, fee } = observed
  const { height } = builder.block
  builder.failedCalls.push({
    id: `${blockItemId(height, extrinsicIndex)}-${String(order).padStart(6, '0')}`,
    call: call.kind,
    status: outcome.status,
    error: outcome.status === 'FAILED' ? outcome.error : null,
    derived: outcome.derived,
    block: height,
    extrinsicIndex,
    extrinsicHash,
    callPath,
    wrappers,
    signer,
    fee,
    autoId: identifierOfCall(call),
    ...subjectOf(builder.session, call),
    signatureAlgorithm: call.signatureAlgorithm,
    signature: call.signature,
  })
}

/** Issuer and serial a call was about, as far as they can be told. */
function subjectOf(
  session: IndexSession,
  call: RegistryCall,
): { issuerId: Hex | null; serial: bigint | null; tbs: Uint8Array | null } {
  if (call.kind === 'REGISTER' || call.kind === 'RENEW') {
    const decoded = decodePalletCertificate(call.certificate)
    const serial = decoded.ok ? decoded.certificate.serial : null
    return { issuerId: call.issuerId, serial, tbs: call.certificate }
  }
  const entry = session.state.entry(call.autoId)
  return { issuerId: entry?.issuerId ?? null, serial: entry?.serial ?? null, tbs: null }
}

function addRemarks(builder: BlockBuilder): void {
  const { height, remarks } = builder.block
  for (const { eventIndex, remark, ...rest } of remarks) {
    builder.remarks.push({
      ...rest,
      id: builder.eventId(eventIndex),
      block: height,
      remark: remark === null ? null : toHex(remark),
    })
  }
}

function addQuarantined(builder: BlockBuilder): void {
  const { height, quarantined } = builder.block
  for (const item of quarantined) {
    builder.quarantined.push({
      ...item,
      id: blockItemId(height, item.extrinsicIndex),
      block: height,
    })
  }
}
