import { useMemo } from 'react'
import { type Asn1Node, parseAsn1 } from '../logic/asn1'
import { fromBase64 } from '../logic/bytes'
import { t } from '../text/text'
import { Name } from './name'
import { Notice } from './states'

/** Deeper levels start closed, so that a certificate opens as one page. */
const OPEN_DEPTH = 3

/** The structure of a DER value as an outline with offsets and lengths. */
export function Asn1Tree({ der }: { readonly der: string }) {
  const nodes = useMemo(() => {
    const bytes = fromBase64(der)
    return bytes === undefined ? undefined : parseAsn1(bytes)
  }, [der])
  if (nodes === undefined) {
    return (
      <Notice tone="warn" icon="warning">
        {t('asn1.unreadable')}
      </Notice>
    )
  }
  return <Level nodes={nodes} depth={0} />
}

function Level({ nodes, depth }: { readonly nodes: readonly Asn1Node[]; readonly depth: number }) {
  return (
    <ul className="asn1">
      {nodes.map((node) => (
        <li key={node.offset}>
          {node.children.length === 0 ? (
            <Line node={node} />
          ) : (
            <details open={depth < OPEN_DEPTH}>
              <summary>
                <Line node={node} />
              </summary>
              <Level nodes={node.children} depth={depth + 1} />
            </details>
          )}
        </li>
      ))}
    </ul>
  )
}

function Line({ node }: { readonly node: Asn1Node }) {
  return (
    <span className="asn1__line">
      <span className="asn1__tag">{node.name}</span>{' '}
      <span className="muted">{t('asn1.place', { offset: node.offset, length: node.length })}</span>{' '}
      {node.value === undefined || node.value === '' ? null : <Name value={node.value} />}
    </span>
  )
}
