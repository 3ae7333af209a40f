import { createContext, type ReactNode, use, useEffect, useMemo, useRef, useState } from 'react'
import { useQuery, useSubscription } from 'urql'
import { HeadDocument, StatusDocument, type StatusFieldsFragment } from '../gql/graphql'

type Head = {
  readonly status: StatusFieldsFragment | undefined
  /** Hash of the indexed head: changes with every block and every reorganisation. */
  readonly hash: string | undefined
  readonly isConnected: boolean
}

const HeadContext = createContext<Head>({ status: undefined, hash: undefined, isConnected: false })

/** Polling keeps the page alive where a proxy does not let the event stream through. */
const POLL_MS = 15_000

/** Follows the index head: by subscription, and by polling underneath. */
export function HeadProvider({ children }: { readonly children: ReactNode }) {
  const [polled, poll] = useQuery({ query: StatusDocument, requestPolicy: 'network-only' })
  const [pushed] = useSubscription({ query: HeadDocument })
  const [status, setStatus] = useState<StatusFieldsFragment>()
  const fromPoll = polled.data?.status
  const fromPush = pushed.data?.head
  // What was pushed while a poll was under way is newer than its answer.
  const pushes = useRef(0)
  const pushesAtPoll = useRef(0)
  useEffect(() => {
    if (fromPoll !== undefined && pushes.current === pushesAtPoll.current) setStatus(fromPoll)
  }, [fromPoll])
  useEffect(() => {
    if (fromPush === undefined) return
    pushes.current += 1
    setStatus(fromPush)
  }, [fromPush])
  useEffect(() => {
    const timer = setInterval(() => {
      pushesAtPoll.current = pushes.current
      poll({ requestPolicy: 'network-only' })
    }, POLL_MS)
    return () => clearInterval(timer)
  }, [poll])
  const isConnected = polled.error === undefined && status !== undefined
  const head = useMemo(
    () => ({ status, hash: status?.head.hash, isConnected }),
    [status, isConnected],
  )
  return <HeadContext value={head}>{children}</HeadContext>
}

export function useHead(): Head {
  return use(HeadContext)
}
