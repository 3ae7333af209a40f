import { type FormEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { certificatesIn, certificatesOfFiles, countOf, packPem } from '../logic/pem'
import { t } from '../text/text'
import { Card } from './card'
import { useDrop } from './drop-target'
import { FileButton } from './file-button'
import { Icon } from './icon'

type Draft = { readonly given: string; readonly text: string; readonly isRefused: boolean }

/** What stands in the form: the address's subject, until it is edited or another address comes. */
export function useDraft(given: string) {
  const [kept, setDraft] = useState<Draft>({ given, text: given, isRefused: false })
  const draft = kept.given === given ? kept : { given, text: given, isRefused: false }
  return {
    draft,
    /** The form asks something else than the address: no answer may stand under it. */
    isOther: draft.isRefused || draft.text.trim() !== given.trim(),
    edit: (text: string) => setDraft({ given, text, isRefused: false }),
    refuse: () => setDraft({ ...draft, isRefused: true }),
    send: (text: string) => setDraft({ given: text, text, isRefused: false }),
  }
}

/** Where a certificate or an id is pasted, dropped or chosen. */
export function Subject({ draft, edit, refuse, send }: ReturnType<typeof useDraft>) {
  const id = useId()
  const [, navigate] = useLocation()
  const { text, isRefused } = draft
  const showPem = (found: string | undefined) => {
    if (found === undefined) return refuse()
    send(found)
    const search = new URLSearchParams(location.search)
    search.delete('subject')
    navigate(`/verify?${search}#pem=${packPem(found)}`)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = certificatesIn(text)
    if (found !== undefined || text.includes('-----')) return showPem(found)
    send(text.trim())
    const search = new URLSearchParams(location.search)
    search.set('subject', text.trim())
    navigate(`/verify?${search}`)
  }
  const take = async (files: readonly File[]) => showPem(await certificatesOfFiles(files))
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
            rows={count === 0 ? 3 : 9}
            placeholder={t('verify.placeholder')}
            value={text}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={isRefused}
            onChange={(event) => edit(event.target.value)}
          />
        </div>
        {count > 1 ? <span className="muted small">{t('verify.several', { count })}</span> : null}
        {isRefused ? (
          <span className="ink-bad" role="alert">
            {t('drop.refused')}
          </span>
        ) : null}
        <div className="row">
          <button type="submit" className="button button--main">
            <Icon name="check" /> {t('identity.verify')}
          </button>
          <FileButton text={t('verify.choose')} accept=".pem,.crt,.cer,.der" onFiles={take} />
          <span className="muted small">{t('verify.dropHint')}</span>
        </div>
      </form>
    </Card>
  )
}
