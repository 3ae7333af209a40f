import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { useLocation } from 'wouter'
import { SearchDocument } from '../gql/graphql'
import { useMoment, withMoment } from '../logic/moment'
import { certificatesIn } from '../logic/pem'
import { type Hit, hitOf } from '../logic/search-hit'
import { verifyPemPath } from '../logic/verify-link'
import { t, tn } from '../text/text'
import { Icon } from './icon'
import { Name } from './name'

const PAUSE_MS = 180

/** Search for anything: an ARIA combobox over the API's `search`; pasted PEM goes to verification. */
export function SearchBox() {
  const listId = useId()
  const [, navigate] = useLocation()
  const moment = useMoment()
  const [text, setText] = useState('')
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const [isWanted, setWanted] = useState(false)
  const { hits, isSettled, hasFailed } = useHits(text)
  const input = useSlashKey()
  const go = (path: string) => {
    setText('')
    setOpen(false)
    setActive(-1)
    setWanted(false)
    input.current?.blur()
    navigate(withMoment(path, moment))
  }
  const change = (value: string) => {
    const pem = certificatesIn(value)
    if (pem !== undefined) return go(verifyPemPath(pem))
    setText(value)
    setOpen(value.trim() !== '')
    setActive(-1)
    setWanted(false)
  }
  // A one-line input drops the line breaks of PEM, so the clipboard is read before that.
  const paste = (event: ClipboardEvent) => {
    const pem = certificatesIn(event.clipboardData.getData('text'))
    if (pem === undefined) return
    event.preventDefault()
    go(verifyPemPath(pem))
  }
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close()
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      setActive(move(active, event.key === 'ArrowDown' ? 1 : -1, hits.length))
    }
    const chosen = hits[active] ?? hits[0]
    if (event.key !== 'Enter') return
    if (!isSettled) setWanted(text.trim() !== '')
    else if (chosen !== undefined) go(chosen.path)
  }
  const close = () => {
    setOpen(false)
    setWanted(false)
  }
  const first = hits[0]?.path
  // Enter pressed before the answer was there: it counts when the answer comes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what `go` needs is of this render
  useEffect(() => {
    if (!isWanted || !isSettled) return
    setWanted(false)
    if (first !== undefined) go(first)
  }, [isWanted, isSettled, first])
  const isShown = isOpen && text.trim() !== ''
  return (
    <search className="search">
      <span className="search__icon">
        <Icon name="search" />
      </span>
      <input
        ref={input}
        className="search__input"
        type="text"
        role="combobox"
        aria-label={t('search.label')}
        aria-expanded={isShown && hits.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
        placeholder={t('search.placeholder')}
        value={text}
        maxLength={70_000}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => change(event.target.value)}
        onPaste={paste}
        onKeyDown={keyDown}
        onFocus={() => setOpen(true)}
        onBlur={close}
      />
      <kbd className="search__key">/</kbd>
      <div className="search__list" hidden={!isShown}>
        <Hits listId={listId} hits={hits} active={active} onChoose={go} />
        {isSettled && hits.length === 0 ? (
          <p className="search__none">{t(hasFailed ? 'search.failed' : 'search.none')}</p>
        ) : null}
        <span className="hidden-visually" role="status">
          {isShown && isSettled ? spoken(hits.length, hasFailed) : ''}
        </span>
      </div>
    </search>
  )
}

function spoken(count: number, hasFailed: boolean): string {
  return hasFailed ? t('search.failed') : tn('search.count', count)
}

type HitsProps = {
  readonly listId: string
  readonly hits: readonly Hit[]
  readonly active: number
  readonly onChoose: (path: string) => void
}

function Hits({ listId, hits, active, onChoose }: HitsProps) {
  return (
    <div id={listId} role="listbox" aria-label={t('search.results')}>
      {hits.map((hit, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox handles the keys of its options
        <div
          key={hit.path + hit.kind}
          id={`${listId}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className="search__hit"
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(hit.path)}
        >
          <span className="chip">{t(`hit.${hit.kind}`)}</span>
          <Name value={hit.title} isLine />
          <span className="search__note">{hit.note}</span>
        </div>
      ))}
    </div>
  )
}

function useHits(text: string) {
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim().slice(0, 256)), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const isAsking = asked !== '' && asked === text.trim().slice(0, 256)
  const [state] = useQuery({
    query: SearchDocument,
    variables: { text: asked },
    pause: !isAsking,
    requestPolicy: 'network-only',
  })
  const isSettled = isAsking && !state.fetching
  const hits = isSettled ? (state.data?.search ?? []).flatMap(hitOf) : []
  return { hits, isSettled, hasFailed: isSettled && state.error !== undefined }
}

/** `/` outside of a field goes to the search box. */
function useSlashKey() {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : undefined
      const isTyping = target?.closest('input, textarea, select') !== null
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      input.current?.focus()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
  return input
}

function move(active: number, step: number, count: number): number {
  if (count === 0) return -1
  return (active + step + count) % count
}
