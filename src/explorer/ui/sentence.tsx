import { Fragment } from 'react'
import { Name } from './name'
import { Time } from './time'

const INSTANT = /(\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/

/** A sentence of the service: strangers' names stand in it, and times, which readers see in their own zone. */
export function Sentence({ text }: { readonly text: string }) {
  return text.split(INSTANT).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never move
    <Fragment key={index}>
      {part === '' ? null : INSTANT.test(part) ? <Time value={part} /> : <Name value={part} />}
    </Fragment>
  ))
}
