/** Look-ups of one snapshot, collected: any number of them costs one statement for each kind. */

import DataLoader from 'dataloader'
import type { ListReader, PageQuery, PageRows } from './list-reader'
import type { Moment } from './moment'
import type { Readers } from './readers'
import type {
  AdvisoryRow,
  BlockRow,
  CertificateRow,
  EventRow,
  IdentityRow,
  RegistrationRow,
  RevocationRow,
} from './rows'

export type Loaders = {
  readonly block: DataLoader<number, BlockRow | null>
  readonly certificate: DataLoader<string, CertificateRow | null>
  readonly certificatesOf: DataLoader<string, readonly CertificateRow[]>
  readonly registration: DataLoader<string, RegistrationRow | null>
  readonly registrationsOf: DataLoader<string, readonly RegistrationRow[]>
  readonly event: DataLoader<string, EventRow | null>
  readonly revocation: DataLoader<RevocationKey, RevocationRow | null, string>
  readonly findingsOf: DataLoader<string, readonly AdvisoryRow[]>
  readonly findingsOfCertificate: DataLoader<string, readonly AdvisoryRow[]>
  identity(moment: Moment): DataLoader<string, IdentityRow | null>
  /** Lists nested in lists: siblings ask with the same arguments. */
  page<Row, Filter, Order extends string>(
    list: ListReader<Row, Filter, Order>,
    filter: Filter,
    page: PageQuery<Order>,
  ): DataLoader<string, PageRows<Row>>
  count<Row, Filter, Order extends string>(
    list: ListReader<Row, Filter, Order>,
    filter: Filter,
  ): DataLoader<string, number>
}

export type RevocationKey = { readonly issuerId: string; readonly serial: string }

const revocationKey = ({ issuerId, serial }: RevocationKey): string => `${issuerId}/${serial}`

export function createLoaders(read: Readers): Loaders {
  const perKey = keyedCache()
  return {
    block: one(
      (heights) => read.blocks.byHeights(heights),
      (row) => row.height,
    ),
    certificate: one(
      (ids) => read.certificates.byIds(ids),
      (row) => row.id,
    ),
    certificatesOf: many(
      (ids) => read.certificates.byRegistrations(ids),
      (row) => row.registrationId,
    ),
    registration: one(
      (ids) => read.registrations.byIds(ids),
      (row) => row.id,
    ),
    registrationsOf: many(
      (ids) => read.registrations.byAutoIds(ids),
      (row) => row.autoId,
    ),
    event: one(
      (ids) => read.events.byIds(ids),
      (row) => row.id,
    ),
    revocation: new DataLoader(
      async (keys) => {
        const found = indexBy(await read.revocations.byIssuerSerials(keys), revocationKey)
        return keys.map((key) => found.get(revocationKey(key)) ?? null)
      },
      { cacheKeyFn: revocationKey },
    ),
    findingsOf: many(
      (ids) => read.findings.byAutoIds(ids),
      (row) => row.autoId,
    ),
    findingsOfCertificate: many(
      (ids) => read.findings.byCertificates(ids),
      (row) => row.certificateId ?? '',
    ),
    identity: (moment) =>
      perKey(`identity ${moment.height}`, () =>
        one(
          (ids: readonly string[]) => read.identities.byIds(ids, moment),
          (row) => row.autoId,
        ),
      ),
    page: (list, filter, page) =>
      perKey(
        `page ${listNumber(list)} ${JSON.stringify([filter, page])}`,
        () => new DataLoader((parents: readonly string[]) => list.page(parents, filter, page)),
      ),
    count: (list, filter) =>
      perKey(
        `count ${listNumber(list)} ${JSON.stringify(filter)}`,
        () => new DataLoader((parents: readonly string[]) => list.count(parents, filter)),
      ),
  }
}

/** At most one row a key. */
function one<K extends string | number, Row>(
  read: (keys: readonly K[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => K,
): DataLoader<K, Row | null> {
  return new DataLoader(async (keys) => {
    const found = indexBy(await read(keys), keyOf)
    return keys.map((key) => found.get(key) ?? null)
  })
}

function many<Row>(
  read: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<string, readonly Row[]> {
  return new DataLoader(async (keys) => {
    const found = new Map<string, Row[]>(keys.map((key) => [key, []]))
    for (const row of await read(keys)) found.get(keyOf(row))?.push(row)
    return keys.map((key) => found.get(key) ?? [])
  })
}

function indexBy<K, Row>(rows: readonly Row[], keyOf: (row: Row) => K): Map<K, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]))
}

function keyedCache() {
  const cache = new Map<string, unknown>()
  return <T>(key: string, make: () => T): T => {
    if (!cache.has(key)) cache.set(key, make())
    return cache.get(key) as T
  }
}

const listNumbers = new WeakMap<object, number>()
let nextListNumber = 1

function listNumber(list: object): number {
  const known = listNumbers.get(list)
  if (known !== undefined) return known
  listNumbers.set(list, nextListNumber)
  return nextListNumber++
}
