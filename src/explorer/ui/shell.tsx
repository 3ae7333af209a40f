import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { base } from '../logic/base'
import { useHead } from '../logic/head'
import { applyTheme, nextTheme, readTheme } from '../logic/theme'
import { type TextKey, t } from '../text/text'
import { DropTarget } from './drop-target'
import { Icon, type IconName } from './icon'
import { MomentBar } from './moment-bar'
import { Ref } from './ref'
import { SearchBox } from './search-box'

const pages: readonly (readonly [path: string, title: TextKey])[] = [
  ['/', 'nav.dashboard'],
  ['/autoids', 'nav.autoids'],
  ['/events', 'nav.events'],
  ['/failed', 'nav.failed'],
  ['/verify', 'nav.verify'],
  ['/provenance', 'nav.provenance'],
]

/** What stands around every page: header, search, the moment's banner, footer. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const main = useRef<HTMLElement>(null)
  const [path] = useLocation()
  const seen = useRef(path)
  const isReturn = useReturn()
  useEffect(() => {
    if (seen.current === path) return
    seen.current = path
    if (!isReturn.current) window.scrollTo({ top: 0 })
    main.current?.focus({ preventScroll: true })
  }, [path, isReturn])
  return (
    <DropTarget>
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <Header path={path} />
      <MomentBar />
      <main ref={main} id="main" className="main" tabIndex={-1}>
        {children}
      </main>
      <Footer />
    </DropTarget>
  )
}

/** Whether the page was come to by the browser's Back or Forward, which put the reader where they were. */
function useReturn() {
  const isReturn = useRef(false)
  useEffect(() => {
    const note = (event: Event) => {
      isReturn.current = event.type === 'popstate'
    }
    // Before the router hears of it, and draws.
    const early = { capture: true }
    for (const kind of MOVES) window.addEventListener(kind, note, early)
    return () => {
      for (const kind of MOVES) window.removeEventListener(kind, note, early)
    }
  }, [])
  return isReturn
}

/** The last two are the router's own. */
const MOVES = ['popstate', 'pushState', 'replaceState']

function Header({ path }: { readonly path: string }) {
  const [isOpen, setOpen] = useState(false)
  const { nav, button, keyDown } = useMenuKeys(isOpen, () => setOpen(false))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu
  useEffect(() => setOpen(false), [path])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what its button has opened
    <header className="header" onKeyDown={keyDown}>
      <div className="header__bar">
        <Link href="/" className="brand">
          <Seal />
          {t('brand')}
        </Link>
        <nav
          ref={nav}
          id="nav"
          className={isOpen ? 'nav nav--open' : 'nav'}
          aria-label={t('nav.label')}
        >
          <ul>
            {pages.map(([to, title]) => (
              <li key={to}>
                <Ref to={to} isCurrent={isCurrent(path, to)}>
                  {t(title)}
                </Ref>
              </li>
            ))}
          </ul>
        </nav>
        <SearchBox />
        <div className="header__tools">
          <Pulse />
          <ThemeButton />
          <button
            ref={button}
            type="button"
            className="button button--quiet button--icon header__menu"
            aria-expanded={isOpen}
            aria-controls="nav"
            aria-label={t('nav.menu')}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name={isOpen ? 'cross' : 'menu'} size={20} />
          </button>
        </div>
      </div>
    </header>
  )
}

/** The menu stands before its button: opened, it takes the focus, and gives it back on Escape. */
function useMenuKeys(isOpen: boolean, close: () => void) {
  const nav = useRef<HTMLElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (isOpen) nav.current?.querySelector('a')?.focus()
  }, [isOpen])
  const keyDown = (event: KeyboardEvent) => {
    if (!isOpen || event.key !== 'Escape') return
    close()
    button.current?.focus()
  }
  return { nav, button, keyDown }
}

function isCurrent(path: string, to: string): boolean {
  if (to === '/') return path === '/'
  if (to === '/verify') return ['/verify', '/token', '/preflight'].includes(path)
  return path === to || (to === '/autoids' && /^\/(autoid|certificate)\//.test(path))
}

function Seal() {
  return (
    <svg aria-hidden="true" width="24" height="24" viewBox="0 0 32 32">
      <path
        fill="var(--accent)"
        d="M16 1.5 28 6v9.500c0 7.2-4.9 12.6-12 15-7.1-2.4-12-7.8-12-15V6z"
      />
      <path
        fill="none"
        stroke="var(--surface)"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
        d="m10.5 16 4 4 7.5-8"
      />
    </svg>
  )
}

/** The live head: green while the service answers, beating once for each new block. */
function Pulse() {
  const { status, hash, isConnected } = useHead()
  const state = status === undefined && !isConnected ? 'waiting' : isConnected ? 'live' : 'lost'
  return (
    <Link
      href={status === undefined ? '/' : `/block/${status.head.height}`}
      className={`pulse pulse--${state} pulse--beat`}
      aria-label={t(`pulse.${state}`, { height: String(status?.head.height ?? '') })}
    >
      <span key={hash} className="pulse__dot" />
      {status === undefined ? '…' : status.head.height.toLocaleString()}
    </Link>
  )
}

const themeIcons: Readonly<Record<string, IconName>> = {
  system: 'system',
  light: 'sun',
  dark: 'moon',
}

function ThemeButton() {
  const [theme, setTheme] = useState(readTheme)
  const change = () => {
    const next = nextTheme(theme)
    applyTheme(next)
    setTheme(next)
  }
  return (
    <button
      type="button"
      className="button button--quiet button--icon"
      aria-label={t(`theme.${theme}`)}
      title={t(`theme.${theme}`)}
      onClick={change}
    >
      <Icon name={themeIcons[theme] ?? 'system'} size={18} />
    </button>
  )
}

function Footer() {
  const { status } = useHead()
  return (
    <footer className="footer">
      <div className="footer__bar">
        <span>{t('footer.version', { version: status?.version ?? '…' })}</span>
        <span>{status?.chain.specName ?? '…'}</span>
        <a href={`${base}/graphql`}>GraphQL</a>
        <a href={`${base}/responder.pem`}>{t('footer.responder')}</a>
      </div>
    </footer>
  )
}
