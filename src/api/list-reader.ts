/** Lists of the index: their filters, orders and pages. */

/** State after `height`; `isHead` when that is the indexed head. */
export type AtHeight = { readonly height: number; readonly isHead: boolean }

export type KeysetValue = string | number

/** One page of a list, by the values its order is made of. */
export type PageQuery<Order extends string> = {
  readonly order: Order
  /** Rows to give; one more tells whether there are others. */
  readonly limit: number
  readonly backward: boolean
  /** Keys of the row the page begins after (backward: ends before). */
  readonly cursor: readonly KeysetValue[] | null
}

/** Rows in the list's order, whichever way they were read. */
export type PageRows<Row> = {
  readonly rows: readonly { readonly row: Row; readonly keys: readonly KeysetValue[] }[]
  readonly hasMore: boolean
}

/** Lists are read for several parents in one statement; the parent `null` stands for the whole list. */
export type ListReader<Row, Filter, Order extends string> = {
  page(
    parents: readonly (string | null)[],
    filter: Filter,
    page: PageQuery<Order>,
  ): Promise<readonly PageRows<Row>[]>
  count(parents: readonly (string | null)[], filter: Filter): Promise<readonly number[]>
}

export type IdentityFilter = AtHeight & {
  readonly clock: Date
  readonly status?: string | null
  readonly kind?: string | null
  readonly ids?: readonly string[] | null
  readonly issuerId?: string | null
  readonly commonName?: string | null
  readonly commonNameContains?: string | null
  readonly publicKeySha256?: string | null
  readonly serial?: string | null
  readonly expiresBefore?: Date | null
  readonly expiresAfter?: Date | null
  readonly changedSinceBlock?: number | null
  readonly finding?: string | null
  readonly findingSeverity?: string | null
}
export type IdentityOrder =
  | 'REGISTERED_AT_ASC'
  | 'REGISTERED_AT_DESC'
  | 'EXPIRES_AT_ASC'
  | 'EXPIRES_AT_DESC'
  | 'CHANGED_AT_ASC'
  | 'CHANGED_AT_DESC'

export type CertificateFilterRow = AtHeight & {
  readonly autoId?: string | null
  readonly issuerId?: string | null
  readonly serial?: string | null
  readonly publicKeySha256?: string | null
  readonly publicKeyAlgorithm?: string | null
  readonly signatureAlgorithm?: string | null
  readonly inForce?: boolean | null
  readonly revoked?: boolean | null
  readonly expiresBefore?: Date | null
  readonly expiresAfter?: Date | null
  readonly fromBlock?: number | null
  readonly toBlock?: number | null
}
export type CertificateOrderRow =
  | 'REGISTERED_AT_ASC'
  | 'REGISTERED_AT_DESC'
  | 'EXPIRES_AT_ASC'
  | 'EXPIRES_AT_DESC'

export type TimelineFilter = {
  /** Nothing later than this block. */
  readonly upTo: number
  readonly fromBlock?: number | null
  readonly toBlock?: number | null
  readonly fromTime?: Date | null
  readonly toTime?: Date | null
}
export type TimelineOrderRow = 'OLDEST_FIRST' | 'NEWEST_FIRST'

export type EventFilterRow = TimelineFilter & {
  readonly kind?: string | null
  readonly autoId?: string | null
  readonly issuerId?: string | null
  readonly signer?: string | null
  readonly extrinsicHash?: string | null
  readonly source?: string | null
}

export type FailedCallFilterRow = TimelineFilter & {
  readonly call?: string | null
  readonly status?: string | null
  readonly error?: string | null
  readonly autoId?: string | null
  readonly issuerId?: string | null
  readonly signer?: string | null
  readonly extrinsicHash?: string | null
  readonly derived?: boolean | null
}

export type RemarkFilterRow = TimelineFilter & {
  readonly remarkHash?: string | null
  readonly remark?: string | null
  readonly sender?: string | null
  readonly extrinsicHash?: string | null
}

export type FindingFilterRow = TimelineFilter & {
  readonly code?: string | null
  readonly severity?: string | null
  readonly autoId?: string | null
}
