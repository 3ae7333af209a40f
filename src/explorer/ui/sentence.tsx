import { Fragment } from 'react'
import { Name } from './name'
import { Time } from './time'

/** A time with the blanks around it: at the ends of a name they would be shown as codes. */
const INSTANT = /(\s*\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\s*)/

/** A sentence of the service: strangers' names stand in it, and times, which readers see in their own zone. */
export function Sentence({ text }: { readonly text: string }) {
  return text.split(INSTANT).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never move
    <Fragment key={index}>
      {part === '' ? null : INSTANT.test(part) ? <Instant text={part} /> : <Name value={part} />}
    </Fragment>
  ))
}

function Instant({ text }: { readonly text: string }) {
  return (
    <>
      {text.startsWith(' ') ? ' ' : null}
      <Time value={text.trim()} />
      {text.endsWith(' ') ? ' ' : null}
    </>
  )
}
