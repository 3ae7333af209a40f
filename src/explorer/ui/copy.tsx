import { useEffect, useState } from 'react'
import { t } from '../text/text'
import { Icon } from './icon'

type Props = {
  readonly text: string
  /** What is copied, for the label of the button. */
  readonly what: string
  readonly isNamed?: boolean
}

export function Copy({ text, what, isNamed = false }: Props) {
  const [outcome, setOutcome] = useState<'idle' | 'done' | 'failed'>('idle')
  useEffect(() => {
    if (outcome === 'idle') return
    const timer = setTimeout(() => setOutcome('idle'), 2000)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = () =>
    writeClipboard(text).then(
      () => setOutcome('done'),
      () => setOutcome('failed'),
    )
  const label = t('copy.label', { what })
  const said = outcome === 'idle' ? '' : t(outcome === 'done' ? 'copy.done' : 'copy.failed')
  return (
    <button
      type="button"
      className={isNamed ? 'button no-print' : 'button button--quiet button--copy no-print'}
      aria-label={label}
      title={said === '' ? label : said}
      onClick={copy}
    >
      <Icon name={icons[outcome]} size={15} />
      {isNamed ? (outcome === 'failed' ? said : what) : null}
      <span className="hidden-visually" role="status">
        {said}
      </span>
    </button>
  )
}

const icons = { idle: 'copy', done: 'check', failed: 'cross' } as const

/** The clipboard needs a secure context; without one the text cannot be copied by script. */
async function writeClipboard(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
}
