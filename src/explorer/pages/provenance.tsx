import { type FormEvent, useId, useRef, useState } from 'react'
import { ProvenanceDocument } from '../gql/graphql'
import { hashOfFile, proofOfFile } from '../logic/file-hash'
import { useLive } from '../logic/live-query'
import { t } from '../text/text'
import { Card } from '../ui/card'
import { useDrop } from '../ui/drop-target'
import { FileButton } from '../ui/file-button'
import { Icon } from '../ui/icon'
import { Name } from '../ui/name'
import { Page } from '../ui/page'
import { ProvenanceView } from '../ui/provenance-view'
import { Failure, Loading, Notice, Skeleton } from '../ui/states'

type Content = { readonly name: string; readonly sha256: string }
type Asked = { readonly proof: string; readonly sha256?: string }

/** Who made a file, with what, and when, as far as its proof and the chain can tell. */
export default function Provenance() {
  const [content, setContent] = useState<Content>()
  const [proof, setProof] = useState('')
  const [unused, setUnused] = useState<readonly string[]>([])
  const [asked, setAsked] = useState<Asked>()
  const { reading, read } = useReading()
  const ask = (text: string, file: Content | undefined) =>
    setAsked(text === '' ? undefined : { proof: text, ...(file ? { sha256: file.sha256 } : {}) })
  // Whatever order the files come in, nothing is judged before all of them are read.
  const take = async (files: readonly File[]) => {
    setAsked(undefined)
    const found = await read(files)
    if (found === 'overtaken') return
    const file = found === 'failed' ? undefined : (found.content ?? content)
    setContent(file)
    setUnused(found === 'failed' ? [] : found.unused)
    if (found === 'failed') return
    setProof(found.proof ?? proof)
    ask(found.proof ?? asked?.proof ?? '', file)
  }
  useDrop(t('provenance.drop'), take)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask(proof.trim(), content)
  }
  const edit = (text: string) => {
    setAsked(undefined)
    setProof(text)
  }
  return (
    <Page title={t('nav.provenance')} lead={t('provenance.lead')}>
      <Card title={t('provenance.what')}>
        <form className="stack stack--tight" onSubmit={submit}>
          <FileField content={content} reading={reading} onFiles={take} />
          {unused.length === 0 ? null : <Unused names={unused} />}
          <ProofField value={proof} onChange={edit} />
          <div className="row">
            <button
              type="submit"
              className="button button--main"
              disabled={proof.trim() === '' || reading === 'busy'}
            >
              <Icon name="check" /> {t('provenance.check')}
            </button>
            <span className="muted small">{t('provenance.dropHint')}</span>
          </div>
        </form>
      </Card>
      {asked === undefined ? null : <Answer key={JSON.stringify(asked)} asked={asked} />}
    </Page>
  )
}

type Reading = 'idle' | 'busy' | 'failed'
type Found = {
  readonly content: Content | undefined
  readonly proof: string | undefined
  /** Names of files beyond one of each. */
  readonly unused: readonly string[]
}

/** Reads files one choice at a time: a later choice overtakes the one that is still being read. */
function useReading() {
  const [reading, setReading] = useState<Reading>('idle')
  const turn = useRef(0)
  const read = async (files: readonly File[]): Promise<Found | 'failed' | 'overtaken'> => {
    turn.current += 1
    const mine = turn.current
    setReading('busy')
    const found = await readFiles(files).catch(() => 'failed' as const)
    if (mine !== turn.current) return 'overtaken'
    setReading(found === 'failed' ? 'failed' : 'idle')
    return found
  }
  return { reading, read }
}

/** The content and the proof among `files`, the first of each. Rejects for what is no file, such as a folder. */
async function readFiles(files: readonly File[]): Promise<Found> {
  const read = await Promise.all(
    files.map(async (file) => ({ file, proof: await proofOfFile(file) })),
  )
  const [proof, ...proofs] = read.filter((each) => each.proof !== undefined)
  const [content, ...contents] = read.filter((each) => each.proof === undefined)
  return {
    content: content && { name: content.file.name, sha256: await hashOfFile(content.file) },
    proof: proof?.proof,
    unused: [...contents, ...proofs].map(({ file }) => file.name),
  }
}

function Unused({ names }: { readonly names: readonly string[] }) {
  return (
    <Notice tone="warn" icon="warning">
      {t('provenance.unused')} <Name value={names.join(', ')} />
    </Notice>
  )
}

type FileFieldProps = {
  readonly content: Content | undefined
  readonly reading: Reading
  readonly onFiles: (files: readonly File[]) => Promise<void>
}

function FileField({ content, reading, onFiles }: FileFieldProps) {
  return (
    <div className="drop-zone">
      <FileButton text={t('provenance.choose')} onFiles={onFiles} />
      <div className="drop-zone__text" aria-live="polite">
        {reading === 'busy' ? t('provenance.hashing') : null}
        {reading === 'failed' ? (
          <span className="ink-bad" role="alert">
            {t('provenance.unreadable')}
          </span>
        ) : null}
        {reading === 'idle' && content === undefined ? t('provenance.noFile') : null}
        {reading === 'idle' && content !== undefined ? (
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

function Answer({ asked }: { readonly asked: Asked }) {
  const state = useLive(ProvenanceDocument, asked)
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
