import { type FormEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { certificatesIn, certificatesOfFiles, countOf, packPem } from '../logic/pem'
import { t } from '../text/text'
import { Card } from './card'
import { useDrop } from './drop-target'
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
  const take = async (files: readonly File[]) => {
    if (files.length > 0) showPem(await certificatesOfFiles(files))
  }
  useDrop(t('drop.here'), take)
  const count = countOf(text)
  return (
    <Card title={t('verify.what')} isScreenOnly>
      <form className="stack stack--tight" onSubmit={submit}>
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
        {count > 1 ? <span className="muted small">{t('verify.several', { count })}</span> : null}
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
              multiple
              className="hidden-visually"
              accept=".pem,.crt,.cer,.der"
              onChange={(event) => void take([...(event.target.files ?? [])])}
            />
          </label>
          <span className="muted small">{t('verify.dropHint')}</span>
        </div>
      </form>
    </Card>
  )
}
