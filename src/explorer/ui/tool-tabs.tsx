import { Link, useLocation } from 'wouter'
import { t } from '../text/text'

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
        <Link
          key={to}
          href={to}
          className="tabs__tab"
          data-state={path === to ? 'active' : 'inactive'}
          aria-current={path === to ? 'page' : undefined}
        >
          {t(title)}
        </Link>
      ))}
    </nav>
  )
}
