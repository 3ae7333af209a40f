import { useHead } from '../logic/head'
import { nodeLink } from '../logic/node-link'
import { t } from '../text/text'
import { Icon } from './icon'

/** The same block in an explorer of the node: a link, never a request of this page; none where none is set. */
export function NodeLink({ hash }: { readonly hash: string }) {
  const link = nodeLink(useHead().status?.chain.nodeExplorerUrl ?? undefined, hash)
  if (link === undefined) return null
  return (
    <a className="small row no-print" href={link} rel="noopener noreferrer" target="_blank">
      {t('block.node')} <Icon name="outward" size={13} />
    </a>
  )
}
