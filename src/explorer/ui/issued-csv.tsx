import { useState } from 'react'
import { ChildrenDocument, type IdentityLineFragment } from '../gql/graphql'
import { client } from '../logic/client'
import { toCsv } from '../logic/csv'
import type { PointInTime } from '../logic/moment'
import { plainName } from '../logic/name-parts'
import { saveText } from '../logic/save'
import { t } from '../text/text'
import { Icon } from './icon'

type Props = { readonly issuer: string; readonly point: PointInTime | undefined }

/** Everything an issuer has issued, as a file. */
export function CsvButton({ issuer, point }: Props) {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const save = async () => {
    setBusy(true)
    const rows = await allChildren(issuer, point)
    setBusy(false)
    setFailure(typeof rows === 'string' ? rows : undefined)
    if (typeof rows !== 'string') saveText(`issued-by-${issuer}.csv`, 'text/csv', csvOf(rows))
  }
  return (
    <>
      <button type="button" className="button" disabled={isBusy} onClick={save}>
        <Icon name="down" /> {t(isBusy ? 'issuer.csvBusy' : 'issuer.csv')}
      </button>
      {failure === undefined ? null : (
        <span className="ink-bad" role="alert">
          {t(failure === 'moved' ? 'issuer.csvMoved' : 'issuer.csvFailed')}
        </span>
      )}
    </>
  )
}

const PAGE = 200
const TRIES = 5

type Rows = readonly IdentityLineFragment[]
type Failure = 'moved' | 'failed'

/** All of it as of one head: pages of two heads are no list, so it is begun again when the chain moves meanwhile. */
async function allChildren(issuer: string, point: PointInTime | undefined) {
  let outcome: Rows | Failure = 'moved'
  for (let tries = 0; tries < TRIES && outcome === 'moved'; tries += 1) {
    outcome = await childrenOnce(issuer, point)
  }
  return outcome
}

async function childrenOnce(
  issuer: string,
  point: PointInTime | undefined,
): Promise<Rows | Failure> {
  const rows: IdentityLineFragment[] = []
  let head: string | undefined
  let after: string | undefined
  do {
    const variables = {
      issuer,
      first: PAGE,
      ...(after === undefined ? {} : { after }),
      ...(point ? { at: point } : {}),
    }
    const context = { requestPolicy: 'network-only' } as const
    const { data, error } = await client.query(ChildrenDocument, variables, context).toPromise()
    if (data === undefined || error !== undefined) return 'failed'
    const { edges, pageInfo } = data.autoIds
    const { hash } = data.status.head
    if (point === undefined && head !== undefined && head !== hash) return 'moved'
    head = hash
    rows.push(...edges.map((edge) => edge.node))
    after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined
  } while (after !== undefined)
  return rows
}

const HEADER = [
  'id',
  'commonName',
  'kind',
  'status',
  'serial',
  'notBefore',
  'notAfter',
  'tbsSha256',
]

function csvOf(rows: Rows): string {
  return toCsv(
    HEADER,
    rows.map((row) => [
      row.id,
      plainName(row.commonName),
      row.kind,
      row.status,
      row.certificate?.serial ?? '',
      row.certificate?.notBefore ?? '',
      row.certificate?.notAfter ?? '',
      row.certificate?.tbsFingerprint ?? '',
    ]),
  )
}
