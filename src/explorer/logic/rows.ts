/** What is known of the place of a page in its list. */
export type PlaceOfPage = {
  readonly shown: number
  readonly total: number
  readonly hasPreviousPage: boolean
  readonly hasNextPage: boolean
  /** What the address says of it, as `rowOf` wrote it. */
  readonly given: string
}

/**
 * The number of the first row that a page shows, counted from one. Cursors carry no number: the first and the last page
 * are counted from their ends, those between from the page they were turned from, as long as the list is as long as it was.
 */
export function firstRow(place: PlaceOfPage): number | undefined {
  const { shown, total, hasPreviousPage, hasNextPage, given } = place
  if (!hasPreviousPage) return 1
  if (!hasNextPage) return total - shown + 1
  const [first = 0, ofTotal] = given.split('.').map(Number)
  const isPossible = Number.isInteger(first) && first > 1 && first + shown <= total
  return isPossible && ofTotal === total ? first : undefined
}

/** The number of a row as it stands in the address, with the length of the list that it was counted in. */
export function rowOf(first: number | undefined, total: number): string {
  return first === undefined || first <= 1 ? '' : `${first}.${total}`
}
