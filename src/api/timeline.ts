/** Filters of the timeline: checked, and bounded by the moment of the question. */

import { account, hash32, height, optional, text } from './arguments'
import type {
  EventFilterRow,
  FailedCallFilterRow,
  FindingFilterRow,
  RemarkFilterRow,
} from './list-reader'
import type { EventFilter, FailedCallFilter, FindingFilter, RemarkFilter } from './types/inputs'

type UpTo = { readonly height: number }
type Range = { readonly fromBlock?: number | null; readonly toBlock?: number | null }

function checkRange(filter: Range) {
  return {
    fromBlock: optional(filter.fromBlock, 'filter.fromBlock', height),
    toBlock: optional(filter.toBlock, 'filter.toBlock', height),
  }
}

export function checkEventFilter(filter: EventFilter, moment: UpTo): EventFilterRow {
  return {
    ...filter,
    ...checkRange(filter),
    upTo: moment.height,
    autoId: optional(filter.autoId, 'filter.autoId', hash32),
    issuerId: optional(filter.issuerId, 'filter.issuerId', hash32),
    signer: optional(filter.signer, 'filter.signer', account),
    extrinsicHash: optional(filter.extrinsicHash, 'filter.extrinsicHash', hash32),
  }
}

export function checkFailedCallFilter(filter: FailedCallFilter, moment: UpTo): FailedCallFilterRow {
  return {
    ...filter,
    ...checkRange(filter),
    upTo: moment.height,
    error: optional(filter.error, 'filter.error', text),
    autoId: optional(filter.autoId, 'filter.autoId', hash32),
    issuerId: optional(filter.issuerId, 'filter.issuerId', hash32),
    signer: optional(filter.signer, 'filter.signer', account),
    extrinsicHash: optional(filter.extrinsicHash, 'filter.extrinsicHash', hash32),
  }
}

export function checkRemarkFilter(filter: RemarkFilter, moment: UpTo): RemarkFilterRow {
  return {
    ...checkRange(filter),
    upTo: moment.height,
    remarkHash: optional(filter.remarkHash, 'filter.remarkHash', hash32),
    remark: optional(filter.remark, 'filter.remark', (value, name) =>
      text(value, name).toLowerCase(),
    ),
    sender: optional(filter.sender, 'filter.sender', account),
  }
}

export function checkFindingFilter(filter: FindingFilter, moment: UpTo): FindingFilterRow {
  return {
    ...filter,
    ...checkRange(filter),
    upTo: moment.height,
    autoId: optional(filter.autoId, 'filter.autoId', hash32),
  }
}
