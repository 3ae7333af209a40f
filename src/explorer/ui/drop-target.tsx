import { type DragEvent, type ReactNode, useState } from 'react'
import { useLocation } from 'wouter'
import { useMoment, withMoment } from '../logic/moment'
import { certificatesOfFile } from '../logic/pem'
import { verifyPemPath } from '../logic/verify-link'
import { t } from '../text/text'
import { Icon } from './icon'

/** A certificate dropped anywhere goes to the verification page. */
export function DropTarget({ children }: { readonly children: ReactNode }) {
  const [, navigate] = useLocation()
  const moment = useMoment()
  const [isOver, setOver] = useState(false)
  const [isRefused, setRefused] = useState(false)
  const drop = async (event: DragEvent) => {
    setOver(false)
    const file = event.dataTransfer.files[0]
    if (file === undefined || event.defaultPrevented) return
    event.preventDefault()
    const pem = await certificatesOfFile(file)
    setRefused(pem === undefined)
    if (pem !== undefined) navigate(withMoment(verifyPemPath(pem), moment))
  }
  const over = (event: DragEvent) => {
    if (event.defaultPrevented || !event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(true)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the verification page has the keyboard way
    <div
      onDragOver={over}
      onDrop={drop}
      onDragLeave={(event) => event.relatedTarget === null && setOver(false)}
    >
      {children}
      {isOver ? (
        <div className="drop-veil" aria-hidden="true">
          <Icon name="down" size={40} />
          {t('drop.here')}
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
