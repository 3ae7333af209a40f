import { useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'

type Values = Readonly<Record<string, string>>

/**
 * The parameters of the address. `change` sets those given and takes away the empty ones; a step is what the browser's
 * Back undoes, while typing, say, is none. The fragment stays: certificates may ride in it.
 */
export function useAddress() {
  const [path, navigate] = useLocation()
  const search = useSearch()
  const params = useMemo(() => new URLSearchParams(search), [search])
  const get = (name: string) => params.get(name) ?? ''
  const change = (values: Values, isStep: boolean) => {
    const next = new URLSearchParams(location.search)
    for (const [name, value] of Object.entries(values)) {
      if (value === '') next.delete(name)
      else next.set(name, value)
    }
    const query = next.size === 0 ? '' : `?${next}`
    navigate(`${path}${query}${location.hash}`, { replace: !isStep })
  }
  return { get, change }
}
