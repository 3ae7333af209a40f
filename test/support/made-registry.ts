/** A registry of a test's own in a real database: each step a block, with certificates and keys made to order. */

import { sign } from 'node:crypto'
import { type Hex } from '../../src/bytes'
import { parseCertificate } from '../../src/pki/certificate'
import { type ActionType, encodeCertificateAction } from '../../src/registry/action'
import { execute } from '../../src/registry/transition'
import type { BlockRecord, RegistryCall } from '../../src/registry/types'
import { WorkingState } from '../../src/registry/working-state'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'
import type { Made } from './certificates'
import { blockOf, ED25519, observed } from './registry-builder'

/** Of block 0; certificates that ended since could still be registered. */
const BEGINNING = Date.UTC(2020, 5, 1)
const CHAIN = { specName: 'made', ss58Prefix: 42, tokenSymbol: 'T', tokenDecimals: 18 }

export class MadeRegistry {
  private readonly state = new WorkingState()
  private readonly blocks: BlockRecord[] = [block(0, null)]
  private indexed = 0

  constructor(private readonly url: string) {}

  /** @param issuerId null for a root; the certificate's own signature counts. */
  register(made: Made, issuerId: Hex | null = null): Hex {
    return this.apply({ kind: 'REGISTER', issuerId, ...requestOf(made) })
  }

  renew(autoId: Hex, made: Made, issuerId: Hex | null = null): Hex {
    return this.apply({ kind: 'RENEW', autoId, issuerId, ...requestOf(made) })
  }

  revoke(autoId: Hex, issuerId: Hex, issuer: Made): Hex {
    return this.act('REVOKE', autoId, issuerId, issuer)
  }

  deactivate(autoId: Hex, own: Made): Hex {
    return this.act('DEACTIVATE', autoId, autoId, own)
  }

  /** Writes the blocks so far; all of them final. */
  async index(): Promise<void> {
    const fresh = this.blocks.slice(this.indexed)
    const chain = { ...CHAIN, genesisHash: this.blocks[0]?.hash ?? '0x' }
    const database = new RegistryDatabase(this.url, chain, { lockWaitMs: 0 })
    const { height, hash } = await database.connect()
    const names = fresh.map((one) => ({ height: one.height, hash: one.hash }))
    const finalizedHead = names.at(-1) ?? { height, hash }
    try {
      await database.transactHot2(
        { finalizedHead, baseHead: { height, hash }, newBlocks: names },
        (client) => indexBatch(client, fresh),
      )
    } finally {
      await database.disconnect()
    }
    this.indexed = this.blocks.length
  }

  private act(kind: ActionType, autoId: Hex, signerId: Hex, signer: Made): Hex {
    const nonce = this.state.entry(signerId)?.nonce ?? 0n
    const action = encodeCertificateAction(autoId, nonce, kind)
    const signature = new Uint8Array(sign(null, action, signer.key))
    return this.apply({ kind, autoId, signatureAlgorithm: ED25519, signature })
  }

  private apply(call: RegistryCall): Hex {
    const result = execute(this.state, call, timeOf(this.blocks.length))
    if (!result.ok) throw new Error(`${call.kind} refused: ${result.error}`)
    this.state.apply(result.changes)
    this.blocks.push(block(this.blocks.length, { call, autoId: result.autoId }))
    return result.autoId
  }
}

function requestOf({ der }: Made) {
  const { tbs, signature } = parseCertificate(der)
  return { certificate: tbs, signatureAlgorithm: ED25519, signature }
}

function timeOf(height: number): number {
  return BEGINNING + height * 6_000
}

type Applied = { readonly call: RegistryCall; readonly autoId: Hex }

function block(height: number, applied: Applied | null): BlockRecord {
  const { hash: parentHash } = blockOf(Math.max(height - 1, 0))
  const timestamp = timeOf(height)
  if (applied === null) return blockOf(height, { parentHash, timestamp })
  const { call, autoId } = applied
  const seen = observed(call, { status: 'APPLIED', eventIndex: 0, autoId })
  const nodes = [{ type: 'CALL' as const, call: seen }]
  return blockOf(height, { parentHash, timestamp, nodes, eventCount: 1, extrinsicCount: 1 })
}
