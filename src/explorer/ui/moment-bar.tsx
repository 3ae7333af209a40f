import { useLocation } from 'wouter'
import { useAddress } from '../logic/address'
import { followsMoment, useMoment } from '../logic/moment'
import { t } from '../text/text'
import { Icon } from './icon'
import { Time } from './time'

/** Says that the page shows a past moment, or that it cannot; leads back to the live head. */
export function MomentBar() {
  const moment = useMoment()
  const [path] = useLocation()
  const { change } = useAddress()
  if (moment.kind === 'head') return null
  const isFollowing = followsMoment(path)
  const goLive = () => change({ block: '', time: '' }, true)
  return (
    <div className="moment-bar" role="status">
      <div className="moment-bar__in">
        <span className="moment-bar__text">
          <Icon name={moment.kind === 'bad' ? 'warning' : 'clock'} />
          {moment.kind === 'block' ? (
            <strong>
              {t(isFollowing ? 'moment.block' : 'moment.present.block', { block: moment.block })}
            </strong>
          ) : null}
          {moment.kind === 'time' ? (
            <strong>
              {t(isFollowing ? 'moment.time' : 'moment.present.time')} <Time value={moment.time} />
            </strong>
          ) : null}
          {moment.kind === 'bad' ? <strong>{t('moment.bad')}</strong> : null}
        </span>
        <button type="button" className="button button--small button--quiet" onClick={goLive}>
          {t('moment.live')}
        </button>
      </div>
    </div>
  )
}
