/** The registry's database, each batch of blocks a span from its begin to its commit, and measured once it is committed. */

import type { FinalTxInfo, HotTxInfo } from '@subsquid/util-internal-processor-tools'
import type { ClientBase } from 'pg'
import type { CommittedBatch } from './ops/processor-metrics'
import { inSpan } from './ops/traces'
import type { BlockRecord } from './registry/types'
import type { ChainIdentity } from './store/chain-info'
import { type DatabaseOptions, RegistryDatabase } from './store/hot-database'
import { indexBatch } from './store/index-batch'

export class TracedDatabase extends RegistryDatabase {
  /** Of the batch under way. */
  private certificates = 0

  constructor(
    url: string,
    chain: ChainIdentity,
    options: DatabaseOptions,
    private readonly observe: (batch: CommittedBatch) => void = () => {},
  ) {
    super(url, chain, options)
  }

  /** The handler of the batch under way; called several times a batch. */
  readonly index = (client: ClientBase, blocks: readonly BlockRecord[]): Promise<void> =>
    indexBatch(client, blocks, (certificates) => {
      this.certificates += certificates
    })

  override transact(info: FinalTxInfo, cb: (client: ClientBase) => Promise<void>): Promise<void> {
    const { prevHead, nextHead } = info
    return this.batch(prevHead.height + 1, nextHead.height, () =>
      super.transact(info, (client) => {
        this.certificates = 0
        return cb(client)
      }),
    )
  }

  override transactHot2(
    info: HotTxInfo,
    cb: (client: ClientBase, from: number, to: number) => Promise<void>,
  ): Promise<void> {
    const { height } = info.baseHead
    return this.batch(height + 1, height + info.newBlocks.length, () =>
      super.transactHot2(info, (client, from, to) => {
        this.certificates = 0
        return cb(client, from, to)
      }),
    )
  }

  private async batch(from: number, to: number, work: () => Promise<void>): Promise<void> {
    const started = performance.now()
    // Where only finality moves, nothing is indexed: what the batch before had counts no second time.
    this.certificates = 0
    await inSpan('processor batch', { 'block.from': from, 'block.to': to }, work)
    const seconds = (performance.now() - started) / 1_000
    this.observe({ blocks: to - from + 1, certificates: this.certificates, seconds })
  }
}
