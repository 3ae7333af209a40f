import { useEffect, useRef, useState } from 'react'
import type { BlockFieldsFragment, IdentityLifeQuery } from '../gql/graphql'
import { useAddress } from '../logic/address'
import { useHead } from '../logic/head'
import type { Loaded } from '../logic/live-query'
import { type Moment, useMoment } from '../logic/moment'
import { t } from '../text/text'
import { Card } from './card'
import { Waiting } from './states'
import { Timeline } from './timeline'

const SETTLE_MS = 120

type TimeMachineProps = {
  readonly life: Loaded<IdentityLifeQuery>
  readonly asOf: BlockFieldsFragment | undefined
}

/** The slider: shows the dragged height at once, moves the page when the hand rests. */
export function TimeMachine({ life, asOf }: TimeMachineProps) {
  const { status } = useHead()
  const head = status?.head
  const { height, drag } = useDraggedMoment(head?.height ?? 0, asOf?.height)
  const entry = life.data?.autoId
  return (
    <Card
      title={t('timeline.title')}
      tools={<span className="card__note">{t('timeline.hint')}</span>}
    >
      <div className="timeline-place">
        {head === undefined || entry == null ? (
          <Waiting state={life} lines={5} />
        ) : (
          <Timeline
            life={entry}
            head={head}
            height={height}
            timestamp={asOf?.height === height ? asOf.timestamp : undefined}
            onChange={drag}
          />
        )}
      </div>
    </Card>
  )
}

/** Where the address is, not what is shown until its answer is there: the next key would go on from where the page was. */
function heightOf(moment: Moment, shown: number | undefined, head: number): number {
  if (moment.kind === 'block') return Math.min(moment.block, head)
  return moment.kind === 'time' ? (shown ?? head) : head
}

/** @param shown height of the answer on the page, which may be that to the question before */
function useDraggedMoment(head: number, shown: number | undefined) {
  const moment = useMoment()
  const { change } = useAddress()
  const [dragged, setDragged] = useState<number>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address has taken the hand's place
  useEffect(() => setDragged(undefined), [moment])
  const move = (height: number, isHead: boolean) => {
    // From the present to the past is a step that Back undoes; on the way through the past there are too many.
    change({ block: isHead ? '' : String(height), time: '' }, moment.kind === 'head' && !isHead)
    if (isHead || (moment.kind === 'block' && moment.block === height)) setDragged(undefined)
  }
  const latest = useRef(move)
  latest.current = move
  const drag = (height: number) => {
    // Of the moment of the key: a block that comes while the hand rests must not make the past of it.
    const isHead = height === head
    setDragged(height)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => latest.current(height, isHead), SETTLE_MS)
  }
  return { height: dragged ?? heightOf(moment, shown, head), drag }
}
