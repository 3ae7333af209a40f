import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { shortHex } from '../logic/format'
import { useMoment, withMoment } from '../logic/moment'
import { t } from '../text/text'
import { Copy } from './copy'
import { Name } from './name'

type Props = {
  readonly to: string
  readonly children: ReactNode
  readonly className?: string
  readonly label?: string
  /** The link leads to the page it stands on. */
  readonly isCurrent?: boolean
}

/** A link inside the explorer that stays at the pinned moment. */
export function Ref({ to, children, className, label, isCurrent = false }: Props) {
  const moment = useMoment()
  return (
    <Link
      href={withMoment(to, moment)}
      className={className ?? ''}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
    >
      {children}
    </Link>
  )
}

type HexProps = {
  readonly value: string
  readonly what: string
  readonly to?: string
  readonly isWhole?: boolean
}

/** A hash or id, short, with its copy button; `to` makes it a link. */
export function Hex({ value, what, to, isWhole = false }: HexProps) {
  const text = isWhole ? value : shortHex(value)
  return (
    <span className={isWhole ? 'mono' : 'mono nowrap'} title={isWhole ? undefined : value}>
      {to === undefined ? text : <Ref to={to}>{text}</Ref>} <Copy text={value} what={what} />
    </span>
  )
}

type IdentityProps = { readonly id: string; readonly commonName: string }

/** An identity by name, with its id where the name says nothing. */
export function IdentityRef({ id, commonName }: IdentityProps) {
  return (
    <Ref to={`/autoid/${id}`}>
      {commonName === '' ? <span className="mono">{shortHex(id)}</span> : null}{' '}
      <Name value={commonName} isLine />
    </Ref>
  )
}

export function BlockRef({ height }: { readonly height: number }) {
  return (
    <Ref to={`/block/${height}`} label={t('block.link', { height: String(height) })}>
      {height.toLocaleString()}
    </Ref>
  )
}
