import { useEffect, useRef } from 'react'
import {
  type AnyVariables,
  type CombinedError,
  stringifyVariables,
  type TypedDocumentNode,
  useQuery,
} from 'urql'
import { useHead } from './head'

export type Loaded<Data> = {
  readonly data: Data | undefined
  readonly error: CombinedError | undefined
  /** True while nothing can be shown yet. */
  readonly isLoading: boolean
  /** True while `data` still answers the question before this one. */
  readonly isOther: boolean
  readonly retry: () => void
}

type Options = { readonly isLive?: boolean; readonly isPaused?: boolean }

/** New blocks may come in bursts while the index catches up: at most one refresh in this time. */
const REFRESH_EVERY_MS = 1500

/**
 * A query that is asked again whenever the index head moves (`isLive`, the default), keeping what is
 * shown until the new answer is there.
 */
export function useLive<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  options: Options = {},
): Loaded<Data> {
  const [state, execute] = useQuery<Data>({
    query: query as TypedDocumentNode<Data>,
    variables: variables as Record<string, unknown>,
    requestPolicy: 'cache-and-network',
    pause: options.isPaused ?? false,
  })
  const refresh = () => execute({ requestPolicy: 'network-only' })
  useOnNewHead(refresh, (options.isLive ?? true) && !(options.isPaused ?? false))
  // Half an answer is none: a field that failed is null, and null means something here.
  const data = state.error === undefined ? state.data : undefined
  const asked = stringifyVariables(state.operation?.variables ?? {})
  return {
    data,
    error: state.error,
    isLoading: state.fetching && data === undefined,
    isOther: data !== undefined && asked !== stringifyVariables(variables),
    retry: refresh,
  }
}

function useOnNewHead(action: () => void, isOn: boolean): void {
  const { hash } = useHead()
  const seen = useRef(hash)
  const lastRun = useRef(0)
  const latest = useRef(action)
  latest.current = action
  useEffect(() => {
    if (hash === undefined || seen.current === hash) return
    const isFirst = seen.current === undefined
    seen.current = hash
    if (!isOn || isFirst) return
    const wait = Math.max(0, lastRun.current + REFRESH_EVERY_MS - Date.now())
    const timer = setTimeout(() => {
      lastRun.current = Date.now()
      latest.current()
    }, wait)
    return () => clearTimeout(timer)
  }, [hash, isOn])
}
