import { useLocation } from 'wouter'
import { t } from '../text/text'
import { Ref } from './ref'

const tools = [
  ['/verify', 'tools.verify'],
  ['/token', 'tools.token'],
  ['/preflight', 'tools.preflight'],
] as const

/** The ways to ask for a verdict, each a page of its own. */
export function ToolTabs() {
  const [path] = useLocation()
  return (
    <nav className="tabs__list no-print" aria-label={t('tools.label')}>
      {tools.map(([to, title]) => (
        <Ref key={to} to={to} className="tabs__tab" isCurrent={path === to}>
          {t(title)}
        </Ref>
      ))}
    </nav>
  )
}
