import { ExtrinsicDocument, type ExtrinsicQuery } from '../gql/graphql'
import { useAddress } from '../logic/address'
import { amount } from '../logic/format'
import { useHead } from '../logic/head'
import { useLive } from '../logic/live-query'
import { t } from '../text/text'
import { Card } from '../ui/card'
import { Copy } from '../ui/copy'
import { Facts } from '../ui/facts'
import { EventTable, FailedTable } from '../ui/lists'
import { NodeLink } from '../ui/node-link'
import { Page } from '../ui/page'
import { BlockRef, Hex, IdentityRef } from '../ui/ref'
import { Empty, Failure, Loading, Skeleton } from '../ui/states'
import { Time } from '../ui/time'

/** One extrinsic: every registry call in it, what it did or why it did not. */
export default function Extrinsic({ hash }: { readonly hash: string }) {
  const state = useLive(ExtrinsicDocument, { hash })
  return (
    <Page
      title={t('extrinsic.title')}
      lead={
        <span className="mono">
          {hash} <Copy text={hash} what={t('list.extrinsic')} />
        </span>
      }
    >
      {state.error !== undefined && state.data === undefined ? (
        <Failure error={state.error} onRetry={state.retry} />
      ) : state.data === undefined ? (
        <Loading>
          <Skeleton lines={6} height={44} />
        </Loading>
      ) : (
        <Content extrinsic={state.data.extrinsic} />
      )}
    </Page>
  )
}

function Content({ extrinsic }: { readonly extrinsic: ExtrinsicQuery['extrinsic'] }) {
  const { get } = useAddress()
  if (extrinsic == null) {
    return (
      <div className="card">
        <Empty title={t('extrinsic.unknown')} hint={t('extrinsic.unknown.hint')} />
      </div>
    )
  }
  const { block, events, failedCalls, remarks } = extrinsic
  return (
    <>
      <Card title={t('extrinsic.about')} tools={<NodeLink hash={block.hash} />}>
        <About extrinsic={extrinsic} />
      </Card>
      {events.length === 0 ? null : (
        <Card title={t('extrinsic.applied')} isFlush>
          <EventTable rows={events} marked={get('event')} hasBlock={false} />
        </Card>
      )}
      {failedCalls.length === 0 ? null : (
        <Card title={t('nav.failed')} isFlush>
          <FailedTable rows={failedCalls} hasBlock={false} />
        </Card>
      )}
      {events.map((event, index) => (
        <Evidence key={event.id} event={event} n={index + 1} />
      ))}
      {remarks.map((remark) => (
        <Card key={remark.id} title={t('extrinsic.remark', { path: remark.callPath })}>
          <Facts
            facts={[
              [t('extrinsic.remarkHash'), <Whole key="h" value={remark.remarkHash} />],
              [t('extrinsic.remarkBytes'), <Whole key="b" value={remark.remark} />],
            ]}
          />
        </Card>
      ))}
    </>
  )
}

type Shown = NonNullable<ExtrinsicQuery['extrinsic']>

function About({ extrinsic }: { readonly extrinsic: Shown }) {
  const chain = useHead().status?.chain
  const { block, fee, signer } = extrinsic
  return (
    <Facts
      facts={[
        [
          t('list.block'),
          <span key="b">
            <BlockRef height={block.height} /> ({t(block.final ? 'block.final' : 'block.notFinal')})
          </span>,
        ],
        [t('list.time'), <Time key="t" value={block.timestamp} isFocusable />],
        [t('extrinsic.index'), extrinsic.index],
        [
          t('extrinsic.signer'),
          signer == null ? (
            t('extrinsic.unsigned')
          ) : (
            <Hex
              key="s"
              value={signer}
              what={t('extrinsic.signer')}
              to={`/events?signer=${signer}`}
              isWhole
            />
          ),
        ],
        [
          t('extrinsic.fee'),
          fee == null || chain === undefined
            ? null
            : amount(fee, chain.tokenDecimals, chain.tokenSymbol),
        ],
      ]}
    />
  )
}

function Whole({ value }: { readonly value: string | null | undefined }) {
  if (value == null || value === '') return <span className="muted">–</span>
  return <Hex value={value} what={t('extrinsic.bytes')} isWhole />
}

type EvidenceProps = { readonly event: Shown['events'][number]; readonly n: number }

/** What was signed by whom: the proof behind an event. */
function Evidence({ event, n }: EvidenceProps) {
  const { algorithm, nonce, payload, signedBy, value } = event.signature
  return (
    <Card title={t('extrinsic.evidence', { n, kind: t(`event.${event.kind}`) })}>
      <Facts
        facts={[
          [t('list.identity'), <IdentityRef key="i" {...event.autoId} />],
          [
            t('extrinsic.signedBy'),
            signedBy == null ? null : (
              <Hex key="s" value={signedBy} what={t('list.id')} to={`/autoid/${signedBy}`} />
            ),
          ],
          [t('extrinsic.algorithm'), algorithm],
          [t('extrinsic.signature'), <Whole key="v" value={value} />],
          [t('extrinsic.payload'), <Whole key="p" value={payload} />],
          [t('identity.nonce'), nonce],
        ]}
      />
    </Card>
  )
}
