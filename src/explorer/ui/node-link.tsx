import { t } from '../text/text'
import { Icon } from './icon'

/** The public node of the Autonomys devnet's Auto ID domain (registry of networks of the Auto SDK). */
const NODE = 'wss://autoid.devnet.autonomys.xyz/ws'

/** The same block in the generic node explorer: a link, never a request of this page. */
export function NodeLink({ hash }: { readonly hash: string }) {
  const rpc = encodeURIComponent(NODE)
  return (
    <a
      className="small row no-print"
      href={`https://polkadot.js.org/apps/?rpc=${rpc}#/explorer/query/${hash}`}
      rel="noopener noreferrer"
      target="_blank"
    >
      {t('block.node')} <Icon name="outward" size={13} />
    </a>
  )
}
