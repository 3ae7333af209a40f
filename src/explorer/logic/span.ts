/** A span of time; an end that is not given is the chain's. */
export type Span = { readonly from?: string; readonly to?: string }

/** The span of an address; what is no time is left out. */
export function spanOf(from: string, to: string): Span {
  const [begin, end] = [isoOf(from), isoOf(to)]
  return { ...(begin ? { from: begin } : {}), ...(end ? { to: end } : {}) }
}

function isoOf(text: string): string | undefined {
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}

/** The reader's date of a time `shift` milliseconds later, as date fields have it; empty for none. */
export function dayOf(iso: string | undefined, shift: number): string {
  if (iso === undefined) return ''
  const time = new Date(Date.parse(iso) + shift)
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`
}

/** The reader's midnight that begins `day`, or the one `later` days after; empty for no date. */
export function startOf(day: string, later: number): string {
  const time = new Date(`${day}T00:00`)
  if (Number.isNaN(time.getTime())) return ''
  time.setDate(time.getDate() + later)
  return time.toISOString()
}
