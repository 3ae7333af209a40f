import { type KeyboardEvent, useId, useMemo } from 'react'
import type { EventKind, IdentityLifeQuery } from '../gql/graphql'
import { localTime } from '../logic/format'
import { makeScale } from '../logic/timeline'
import { t } from '../text/text'
import { eventLooks } from './badges'
import { Icon } from './icon'
import { BlockRef } from './ref'
import { Cut } from './states'

export type Life = NonNullable<IdentityLifeQuery['autoId']>
type Scale = ReturnType<typeof makeScale>

type Props = {
  readonly life: Life
  readonly head: { readonly height: number }
  /** The height shown; the head while the page is live. */
  readonly height: number
  /** When that block was made, where known. */
  readonly timestamp: string | undefined
  readonly onChange: (height: number) => void
}

const ROW = 34

/** An identity's life as a picture, with a slider that moves the whole page to any block of it. */
export function Timeline({ life, head, height, timestamp, onChange }: Props) {
  const moments = useMemo(() => momentsOf(life), [life])
  const scale = useMemo(() => {
    const first = moments[0] ?? 0
    return makeScale(moments, Math.max(0, first - 2), head.height)
  }, [moments, head.height])
  const at = scale.toX(height) / 10
  return (
    <div className="timeline">
      <div className="timeline__lanes">
        <Lanes life={life} scale={scale} />
        <span className="timeline__now" style={{ left: `${at}%` }} aria-hidden="true" />
      </div>
      <Slider {...{ scale, moments, height, timestamp, onChange }} last={head.height} />
      <div className="timeline__ends muted small">
        <span>
          {t('timeline.block')} <BlockRef height={scale.toHeight(0)} />
        </span>
        <Cut shown={life.events.edges.length} total={life.events.totalCount} />
        <span>
          {t('timeline.head')} <BlockRef height={head.height} />
        </span>
      </div>
    </div>
  )
}

function momentsOf(life: Life): number[] {
  const events = life.events.edges.map((edge) => edge.node.block.height)
  const spans = life.registrations.flatMap((registration) => [
    registration.registeredAt.height,
    ...registration.certificates.map((certificate) => certificate.inForceFrom.height),
  ])
  return [...new Set([...events, ...spans])].sort((a, b) => a - b)
}

function Lanes({ life, scale }: { readonly life: Life; readonly scale: Scale }) {
  return (
    <svg
      className="timeline__picture"
      width="100%"
      height={ROW * 3}
      role="img"
      aria-label={t('timeline.picture')}
    >
      {life.registrations.map((registration) => (
        <Bar
          key={registration.ordinal}
          scale={scale}
          row={0}
          from={registration.registeredAt.height}
          to={registration.deactivatedAt?.height}
          className={`lane lane--${registration.continuity.toLowerCase()}`}
          label={t('timeline.registration', { n: registration.ordinal })}
        />
      ))}
      {life.registrations.flatMap((registration) =>
        registration.certificates.map((certificate) => (
          <CertificateBars
            key={`${certificate.tbsFingerprint}-${certificate.inForceFrom.height}`}
            certificate={certificate}
            scale={scale}
          />
        )),
      )}
      {life.events.edges.map(({ node }) => (
        <Mark key={node.id} kind={node.kind} x={scale.toX(node.block.height)} />
      ))}
    </svg>
  )
}

type LifeCertificate = Life['registrations'][number]['certificates'][number]
type CertificateProps = { readonly certificate: LifeCertificate; readonly scale: Scale }

function CertificateBars({ certificate, scale }: CertificateProps) {
  const from = certificate.inForceFrom.height
  const to = certificate.inForceTo?.height
  const revoked = certificate.revocation?.revokedAt.height
  const isRevokedInForce = revoked !== undefined && (to === undefined || revoked < to)
  const good = isRevokedInForce ? Math.max(revoked, from) : to
  return (
    <>
      <Bar
        scale={scale}
        row={1}
        from={from}
        to={good}
        className="lane lane--certificate"
        label={certificate.serial}
      />
      {isRevokedInForce ? (
        <Bar
          scale={scale}
          row={1}
          from={Math.max(revoked, from)}
          to={to}
          className="lane lane--revoked"
          label=""
        />
      ) : null}
    </>
  )
}

type BarProps = {
  readonly scale: Scale
  readonly row: number
  readonly from: number
  readonly to: number | undefined
  readonly className: string
  readonly label: string
}

/** Narrower bars have no room for their label. */
const LABEL_WIDTH = 7

function Bar({ scale, row, from, to, className, label }: BarProps) {
  const x = scale.toX(from) / 10
  const end = to === undefined ? 100 : scale.toX(to) / 10
  const width = Math.max(0.4, end - x)
  return (
    <svg aria-hidden="true" x={`${x}%`} y={row * ROW + 4} width={`${width}%`} height={ROW - 8}>
      <rect className={className} width="100%" height="100%" rx="5" />
      {width > LABEL_WIDTH && label !== '' ? (
        <foreignObject width="100%" height="100%">
          <div className="lane__label" title={label}>
            {label}
          </div>
        </foreignObject>
      ) : null}
    </svg>
  )
}

function Mark({ kind, x }: { readonly kind: EventKind; readonly x: number }) {
  return (
    <svg
      aria-hidden="true"
      className={`mark ink-${eventLooks[kind].tone}`}
      x={`${x / 10}%`}
      y={ROW * 2 + 17}
    >
      <circle r="10" />
      <svg aria-hidden="true" x="-6" y="-6" width="12" height="12">
        <Icon name={eventLooks[kind].icon} size={12} />
      </svg>
    </svg>
  )
}

type SliderProps = {
  readonly scale: Scale
  readonly moments: readonly number[]
  readonly height: number
  readonly last: number
  readonly timestamp: string | undefined
  readonly onChange: (height: number) => void
}

/** Arrow keys go block by block, Page Up and Down from event to event, Home and End to the ends. */
function Slider({ scale, moments, height, last, timestamp, onChange }: SliderProps) {
  const id = useId()
  const first = scale.toHeight(0)
  const clamp = (to: number) => onChange(Math.min(last, Math.max(first, to)))
  const previous = moments.findLast((moment) => moment < height) ?? first
  const next = moments.find((moment) => moment > height) ?? last
  const keys: Readonly<Record<string, number>> = {
    ArrowLeft: height - 1,
    ArrowDown: height - 1,
    ArrowRight: height + 1,
    ArrowUp: height + 1,
    PageDown: previous,
    PageUp: next,
    Home: first,
    End: last,
  }
  const keyDown = (event: KeyboardEvent) => {
    const to = keys[event.key]
    if (to === undefined) return
    event.preventDefault()
    clamp(to)
  }
  const spoken = t('timeline.spoken', {
    height: String(height),
    time: timestamp === undefined ? '' : localTime(timestamp),
  })
  return (
    <div className="timeline__control">
      <button type="button" className="button button--small" onClick={() => clamp(previous)}>
        {t('timeline.previous')}
      </button>
      <label htmlFor={id} className="timeline__label">
        {spoken}
      </label>
      <button type="button" className="button button--small" onClick={() => clamp(next)}>
        {t('timeline.next')}
      </button>
      <input
        id={id}
        className="timeline__slider"
        type="range"
        min={0}
        max={1000}
        step="any"
        value={scale.toX(height)}
        aria-valuetext={spoken}
        onKeyDown={keyDown}
        onChange={(event) => clamp(scale.toHeight(Number(event.target.value)))}
      />
    </div>
  )
}
