import type { ReactNode } from 'react'

export type Fact = readonly [term: string, value: ReactNode]

/** Terms and their values; a value of null or undefined leaves its line out. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined)
  return (
    <dl className="facts">
      {known.map(([term, value]) => (
        <FactLine key={term} term={term} value={value} />
      ))}
    </dl>
  )
}

function FactLine({ term, value }: { readonly term: string; readonly value: ReactNode }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </>
  )
}
