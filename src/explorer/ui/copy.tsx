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
  return (
    <button
      type="button"
      className={isNamed ? 'button no-print' : 'button button--quiet button--copy no-print'}
      aria-label={t('copy.label', { what })}
      title={t('copy.label', { what })}
      onClick={copy}
    >
      <Icon name={outcome === 'done' ? 'check' : 'copy'} size={15} />
      {isNamed ? what : null}
      <span className="hidden-visually" role="status">
        {outcome === 'idle' ? '' : t(outcome === 'done' ? 'copy.done' : 'copy.failed')}
      </span>
    </button>
  )
}

/** The clipboard needs a secure context; without one the text cannot be copied by script. */
async function writeClipboard(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
}
