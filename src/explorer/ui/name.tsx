import { nameParts, plainName } from '../logic/name-parts'
import { t } from '../text/text'

/** Longer names are cut in lines of lists; the identity's own page shows all of it. */
const LINE_LENGTH = 80
const TITLE_LENGTH = 400

type Props = {
  readonly value: string
  /** One line, cut with an ellipsis: for lists. */
  readonly isLine?: boolean
}

/** A name from a stranger: isolated from the text around it, invisible characters shown as codes. */
export function Name({ value, isLine = false }: Props) {
  if (value === '') return <span className="name__empty">{t('name.empty')}</span>
  const shown = isLine ? cut(value) : value
  return (
    <bdi
      className={isLine ? 'name name--line' : 'name'}
      title={isLine ? plainName(value).slice(0, TITLE_LENGTH) : undefined}
    >
      {nameParts(shown).map((part, index) =>
        part.kind === 'text' ? (
          part.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one string never move
          <span key={index} className="name__escape">
            {part.text}
          </span>
        ),
      )}
      {shown === value ? null : '…'}
    </bdi>
  )
}

function cut(value: string): string {
  const characters = [...value]
  return characters.length <= LINE_LENGTH ? value : characters.slice(0, LINE_LENGTH).join('')
}
