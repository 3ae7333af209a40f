import { type DragEvent, type FormEvent, useId, useState } from 'react'
import { ProvenanceDocument } from '../gql/graphql'
import { hashOfFile, proofOfFile } from '../logic/file-hash'
import { useLive } from '../logic/live-query'
import { t } from '../text/text'
import { Card } from '../ui/card'
import { Icon } from '../ui/icon'
import { Name } from '../ui/name'
import { Page } from '../ui/page'
import { ProvenanceView } from '../ui/provenance-view'
import { Failure, Loading, Skeleton } from '../ui/states'

type Content = { readonly name: string; readonly sha256: string }

/** Who made a file, with what, and when, as far as its proof and the chain can tell. */
export default function Provenance() {
  const [content, setContent] = useState<Content>()
  const [proof, setProof] = useState('')
  const [asked, setAsked] = useState('')
  const [isHashing, setHashing] = useState(false)
  const take = async (files: Iterable<File>) => {
    setHashing(true)
    for (const file of files) {
      const found = await proofOfFile(file)
      if (found === undefined) setContent({ name: file.name, sha256: await hashOfFile(file) })
      else {
        setProof(found)
        setAsked(found)
      }
    }
    setHashing(false)
  }
  const drop = (event: DragEvent) => {
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    void take([...event.dataTransfer.files])
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsked(proof.trim())
  }
  return (
    <Page title={t('nav.provenance')} lead={t('provenance.lead')}>
      <Card title={t('provenance.what')}>
        <form className="stack stack--tight" onSubmit={submit} onDrop={drop}>
          <FileField content={content} isBusy={isHashing} onFiles={take} />
          <ProofField value={proof} onChange={setProof} />
          <div className="row">
            <button type="submit" className="button button--main" disabled={proof.trim() === ''}>
              <Icon name="check" /> {t('provenance.check')}
            </button>
            <span className="muted small">{t('provenance.dropHint')}</span>
          </div>
        </form>
      </Card>
      {asked === '' ? null : <Answer proof={asked} sha256={content?.sha256} />}
    </Page>
  )
}

type FileFieldProps = {
  readonly content: Content | undefined
  readonly isBusy: boolean
  readonly onFiles: (files: Iterable<File>) => Promise<void>
}

function FileField({ content, isBusy, onFiles }: FileFieldProps) {
  return (
    <div className="drop-zone">
      <label className="button">
        <Icon name="down" /> {t('provenance.choose')}
        <input
          type="file"
          multiple
          className="hidden-visually"
          onChange={(event) => void onFiles([...(event.target.files ?? [])])}
        />
      </label>
      <div className="drop-zone__text" aria-live="polite">
        {isBusy ? t('provenance.hashing') : null}
        {!isBusy && content === undefined ? t('provenance.noFile') : null}
        {!isBusy && content !== undefined ? (
          <>
            <strong>
              <Name value={content.name} isLine />
            </strong>
            <span className="mono small muted">SHA-256 {content.sha256}</span>
          </>
        ) : null}
      </div>
    </div>
  )
}

type ProofFieldProps = { readonly value: string; readonly onChange: (value: string) => void }

function ProofField({ value, onChange }: ProofFieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{t('provenance.proof')}</label>
      <textarea
        id={id}
        className="input"
        rows={4}
        placeholder={t('provenance.placeholder')}
        value={value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  )
}

type AnswerProps = { readonly proof: string; readonly sha256: string | undefined }

function Answer({ proof, sha256 }: AnswerProps) {
  const variables = { proof, ...(sha256 === undefined ? {} : { sha256 }) }
  const state = useLive(ProvenanceDocument, variables)
  if (state.error !== undefined) {
    return (
      <div className="card">
        <Failure error={state.error} onRetry={state.retry} />
      </div>
    )
  }
  if (state.data === undefined) {
    return (
      <Loading>
        <Skeleton lines={3} height={90} />
      </Loading>
    )
  }
  return <ProvenanceView result={state.data.verifyProvenance} />
}
