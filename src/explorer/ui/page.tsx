import { type ReactNode, useEffect } from 'react'
import { plainName } from '../logic/name-parts'
import { t } from '../text/text'

type Props = {
  /** Plain title of the document; may be a stranger's name. */
  readonly title: string
  readonly heading?: ReactNode
  readonly lead?: ReactNode
  readonly children: ReactNode
}

const TITLE_LENGTH = 60

/** A page: its document title, its one heading, its content. */
export function Page({ title, heading, lead, children }: Props) {
  useEffect(() => {
    document.title = t('page.title', { title: plainName(title).slice(0, TITLE_LENGTH) })
  }, [title])
  return (
    <div className="stack">
      <div className="page-head">
        {heading ?? <h1>{title}</h1>}
        {lead === undefined ? null : <p className="page-head__lead">{lead}</p>}
      </div>
      {children}
    </div>
  )
}
