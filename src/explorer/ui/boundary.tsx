import { Component, type ReactNode } from 'react'
import { t } from '../text/text'
import { Icon } from './icon'

type Props = { readonly children: ReactNode }
type State = { readonly hasFailed: boolean }

/** Keeps the frame standing when a page throws, and offers to load it again. */
export class Boundary extends Component<Props, State> {
  override state: State = { hasFailed: false }

  static getDerivedStateFromError(): State {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <div className="card state" role="alert">
        <Icon name="warning" size={26} />
        <strong>{t('boundary.title')}</strong>
        <button type="button" className="button" onClick={() => location.reload()}>
          {t('boundary.reload')}
        </button>
      </div>
    )
  }
}
