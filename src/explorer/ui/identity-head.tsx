import { Popover } from 'radix-ui'
import type { AutoIdStatus, IdentityQuery } from '../gql/graphql'
import { useAddress } from '../logic/address'
import { pageUrl } from '../logic/base'
import { fileUrl } from '../logic/file-url'
import { useHead } from '../logic/head'
import { type Moment, useMoment, withMoment } from '../logic/moment'
import { t } from '../text/text'
import { StatusBadge } from './badges'
import { Card } from './card'
import { Copy } from './copy'
import { Facts } from './facts'
import { Icon } from './icon'
import { Name } from './name'
import { Qr } from './qr'
import { Hex, IdentityRef, Ref } from './ref'

type Shown = NonNullable<IdentityQuery['autoId']>
type Known = Pick<Shown, 'kind' | 'commonName' | 'issuer'>

type Props = {
  readonly id: string
  /** Undefined until something is loaded. */
  readonly known: Known | undefined
  /** 'none': before the first registration. 'unknown': it could not be asked. */
  readonly status: AutoIdStatus | 'none' | 'loading' | 'unknown'
}

const noStatus = {
  none: 'identity.notRegistered',
  loading: 'state.loading',
  unknown: 'identity.statusUnknown',
} as const

/** Name, status, id and what can be done with an identity. */
export function IdentityHead({ id, known, status }: Props) {
  return (
    <div className="identity-head">
      <div className="stack stack--tight">
        <span className="muted small">
          {known === undefined ? t('identity.title') : t(`kind.${known.kind}.identity`)}
          {known?.issuer == null ? null : (
            <>
              {' '}
              {t('identity.issuedBy')} <IdentityRef {...known.issuer} />
            </>
          )}
        </span>
        <h1 className="identity-head__name">
          {known === undefined ? t('identity.title') : <Name value={known.commonName} />}
        </h1>
        <span className="row identity-head__facts">
          {status === 'none' || status === 'loading' || status === 'unknown' ? (
            <span className="badge badge--big badge--none">{t(noStatus[status])}</span>
          ) : (
            <StatusBadge status={status} isBig />
          )}
          <span className="identity-head__id mono">
            {id} <Copy text={id} what={t('list.id')} />
          </span>
        </span>
      </div>
      <Actions id={id} />
    </div>
  )
}

function Actions({ id }: { readonly id: string }) {
  const moment = useMoment()
  const { get } = useAddress()
  const isIssuer = get('view') === 'issuer'
  const here = `/autoid/${id}`
  return (
    <div className="row no-print">
      <Ref to={`/verify?subject=${id}`} className="button button--main">
        <Icon name="check" /> {t('identity.verify')}
      </Ref>
      <Ref to={isIssuer ? here : `${here}?view=issuer`} className="button">
        <Icon name={isIssuer ? 'leaf' : 'root'} />{' '}
        {t(isIssuer ? 'identity.asIdentity' : 'identity.asIssuer')}
      </Ref>
      <Popover.Root>
        <Popover.Trigger className="button">
          <Icon name="down" /> {t('download.title')}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className="popover menu"
            aria-label={t('download.title')}
            sideOffset={6}
            collisionPadding={10}
          >
            <Downloads id={id} moment={moment} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <Popover.Root>
        <Popover.Trigger className="button">
          <Icon name="qr" /> {t('share.title')}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className="popover"
            aria-label={t('share.title')}
            sideOffset={6}
            collisionPadding={10}
          >
            <Share id={id} moment={moment} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  )
}

type MomentProps = { readonly id: string; readonly moment: Moment }

function Downloads({ id, moment }: MomentProps) {
  const files = ['pem', 'der', 'chain.pem', 'p7c', 'jwks.json'] as const
  return files.map((kind) => (
    <a key={kind} href={fileUrl(id, kind, moment)} download>
      {t(`download.${kind}`)}
    </a>
  ))
}

/** The permalink names its block, so that it shows tomorrow what it shows today. */
function Share({ id, moment }: MomentProps) {
  const { status } = useHead()
  const head = status?.head.height
  const pinned: Moment =
    moment.kind === 'head' && head !== undefined ? { kind: 'block', block: head } : moment
  const url = pageUrl(withMoment(`/autoid/${id}`, pinned))
  return (
    <div className="stack share">
      <Qr text={url} label={t('share.qr')} />
      <span className="mono small">{url}</span>
      <span className="row">
        <Copy text={url} what={t('share.pinned')} isNamed />
        <Copy text={pageUrl(`/autoid/${id}`)} what={t('share.live')} isNamed />
      </span>
    </div>
  )
}

export function IdentityFacts({ identity }: { readonly identity: Shown }) {
  return (
    <Card title={t('identity.entry')}>
      <Facts
        facts={[
          [t('list.id'), <Hex key="id" value={identity.id} what={t('list.id')} isWhole />],
          [
            t('identity.nameHex'),
            <Hex key="hex" value={identity.commonNameHex} what={t('identity.nameHex')} isWhole />,
          ],
          [t('identity.nonce'), identity.nonce],
          [
            t('list.issuer'),
            identity.issuer == null ? (
              t('list.itself')
            ) : (
              <IdentityRef key="i" {...identity.issuer} />
            ),
          ],
        ]}
      />
    </Card>
  )
}
