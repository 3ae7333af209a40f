import { type ChangeEvent, type DragEvent, type FormEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { certificatesIn, certificatesOfFile, packPem } from '../logic/pem'
import { t } from '../text/text'
import { Card } from './card'
import { Icon } from './icon'

type SubjectProps = { readonly subject: string; readonly pem: string | undefined }

/** Where a certificate or an id is pasted, dropped or chosen. */
export function Subject({ subject, pem }: SubjectProps) {
  const id = useId()
  const [, navigate] = useLocation()
  const [text, setText] = useState(pem ?? subject)
  const [isUnreadable, setUnreadable] = useState(false)
  const showPem = (found: string | undefined) => {
    setUnreadable(found === undefined)
    if (found === undefined) return
    const search = new URLSearchParams(location.search)
    search.delete('subject')
    navigate(`/verify?${search}#pem=${packPem(found)}`)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = certificatesIn(text)
    if (found !== undefined || text.includes('-----')) return showPem(found)
    const search = new URLSearchParams(location.search)
    search.set('subject', text.trim())
    navigate(`/verify?${search}`)
  }
  const drop = async (event: DragEvent) => {
    const file = event.dataTransfer.files[0]
    if (file === undefined) return
    event.preventDefault()
    showPem(await certificatesOfFile(file))
  }
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    if (file !== undefined) showPem(await certificatesOfFile(file))
  }
  return (
    <Card title={t('verify.what')} isScreenOnly>
      <form className="stack stack--tight" onSubmit={submit} onDrop={drop}>
        <div className="field">
          <label htmlFor={id}>{t('verify.input')}</label>
          <textarea
            id={id}
            className="input"
            rows={pem === undefined ? 3 : 9}
            placeholder={t('verify.placeholder')}
            value={text}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={isUnreadable}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        {isUnreadable ? (
          <span className="ink-bad" role="alert">
            {t('drop.refused')}
          </span>
        ) : null}
        <div className="row">
          <button type="submit" className="button button--main">
            <Icon name="check" /> {t('identity.verify')}
          </button>
          <label className="button">
            <Icon name="down" /> {t('verify.choose')}
            <input
              type="file"
              className="hidden-visually"
              accept=".pem,.crt,.cer,.der"
              onChange={choose}
            />
          </label>
          <span className="muted small">{t('verify.dropHint')}</span>
        </div>
      </form>
    </Card>
  )
}
