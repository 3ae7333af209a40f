import type { ChangeEvent } from 'react'
import { Icon } from './icon'

type Props = {
  readonly text: string
  readonly accept?: string
  readonly onFiles: (files: readonly File[]) => void
}

/** Opens the system's file dialog. The field is emptied, so that the same file can be chosen again. */
export function FileButton({ text, accept, onFiles }: Props) {
  const change = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(target.files ?? [])]
    target.value = ''
    if (files.length > 0) onFiles(files)
  }
  return (
    <label className="button">
      <Icon name="down" /> {text}
      <input type="file" multiple className="hidden-visually" accept={accept} onChange={change} />
    </label>
  )
}
