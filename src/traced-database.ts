/** The registry's database, each batch of blocks a span from its begin to its commit. */

import type { FinalTxInfo, HotTxInfo } from '@subsquid/util-internal-processor-tools'
import type { ClientBase } from 'pg'
import { inSpan } from './ops/traces'
import { RegistryDatabase } from './store/hot-database'

export class TracedDatabase extends RegistryDatabase {
  override transact(info: FinalTxInfo, cb: (client: ClientBase) => Promise<void>): Promise<void> {
    const { prevHead, nextHead } = info
    return inSpan(
      'processor batch',
      { 'block.from': prevHead.height + 1, 'block.to': nextHead.height },
      () => super.transact(info, cb),
    )
  }

  override transactHot2(
    info: HotTxInfo,
    cb: (client: ClientBase, from: number, to: number) => Promise<void>,
  ): Promise<void> {
    const from = info.baseHead.height + 1
    return inSpan(
      'processor batch',
      { 'block.from': from, 'block.to': from + info.newBlocks.length - 1 },
      () => super.transactHot2(info, cb),
    )
  }
}
