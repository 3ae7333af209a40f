import {
  createContext,
  type DragEvent,
  type ReactNode,
  use,
  useEffect,
  useRef,
  useState,
} from 'react'
import { useLocation } from 'wouter'
import { useMoment, withMoment } from '../logic/moment'
import { certificatesOfFiles } from '../logic/pem'
import { verifyPemPath } from '../logic/verify-link'
import { t } from '../text/text'
import { Icon } from './icon'

type Taker = {
  /** What dropping here does. */
  readonly hint: string
  readonly take: (files: readonly File[]) => void
}

const TakerContext = createContext<(taker: Taker | undefined) => void>(() => {})

/** Lets a page take the files that are dropped anywhere on it. */
export function useDrop(hint: string, take: Taker['take']): void {
  const setTaker = use(TakerContext)
  const latest = useRef(take)
  latest.current = take
  useEffect(() => {
    setTaker({ hint, take: (files) => latest.current(files) })
    return () => setTaker(undefined)
  }, [setTaker, hint])
}

/** Files dropped anywhere go to the page that takes them; elsewhere certificates go to the verification page. */
export function DropTarget({ children }: { readonly children: ReactNode }) {
  const [taker, setTaker] = useState<Taker>()
  const [isOver, setOver] = useState(false)
  const { isRefused, setRefused, verify } = useVerification()
  const drop = (event: DragEvent) => {
    setOver(false)
    const files = [...event.dataTransfer.files]
    if (files.length === 0) return
    event.preventDefault()
    const take = taker?.take ?? verify
    take(files)
  }
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(true)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the pages that take files have the keyboard way
    <div
      onDragOver={over}
      onDrop={drop}
      onDragLeave={(event) => event.relatedTarget === null && setOver(false)}
    >
      <TakerContext value={setTaker}>{children}</TakerContext>
      {isOver ? (
        <div className="drop-veil" aria-hidden="true">
          <Icon name="down" size={40} />
          {taker?.hint ?? t('drop.here')}
        </div>
      ) : null}
      {isRefused ? (
        <div className="toast" role="alert">
          {t('drop.refused')}
          <button type="button" className="button button--small" onClick={() => setRefused(false)}>
            {t('drop.close')}
          </button>
        </div>
      ) : null}
    </div>
  )
}

function useVerification() {
  const [, navigate] = useLocation()
  const moment = useMoment()
  const [isRefused, setRefused] = useState(false)
  const verify = async (files: readonly File[]) => {
    const pem = await certificatesOfFiles(files)
    setRefused(pem === undefined)
    if (pem !== undefined) navigate(withMoment(verifyPemPath(pem), moment))
  }
  return { isRefused, setRefused, verify }
}
