/** One connection that hears of each batch, for all subscriptions of a process; it comes back by itself. */

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type HeadNotice, headChannel } from '../head-notice'

export type HeadListener = {
  /** Is it listening now? */
  readonly isConnected: boolean
  close(): Promise<void>
}

export type ListenOptions = {
  readonly url: string
  readonly onNotice: (notice: HeadNotice) => void
  /** Listening began (again): notices may have been missed, so that everybody has to look at the index itself. */
  readonly onConnected: () => void
  readonly onError?: (error: Error) => void
  readonly retryMs?: number
  /** How often the connection is tried, and how long an answer is awaited. */
  readonly heartbeatMs?: number
}

const MAX_RETRY_MS = 10_000
const FIRST_RETRY_MS = 100
const HEARTBEAT_MS = 30_000

export function listenToHead(options: ListenOptions): HeadListener {
  const state = { isClosed: false, isConnected: false, retryMs: options.retryMs ?? FIRST_RETRY_MS }
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null
  const retry = (error: Error) => {
    state.isConnected = false
    if (state.isClosed) return
    options.onError?.(error)
    timer = setTimeout(connect, state.retryMs)
    state.retryMs = Math.min(state.retryMs * 2, MAX_RETRY_MS)
  }
  const connect = () => {
    const next = new pg.Client({
      connectionString: options.url,
      application_name: 'auto-registry listen',
      connectionTimeoutMillis: 10_000,
      query_timeout: options.heartbeatMs ?? HEARTBEAT_MS,
      keepAlive: true,
    })
    client = next
    listen(next, options, () => {
      state.isConnected = true
      state.retryMs = options.retryMs ?? FIRST_RETRY_MS
    }).catch((error: Error) => {
      void next.end().catch(() => undefined)
      retry(error)
    })
  }
  connect()
  return {
    get isConnected() {
      return state.isConnected
    },
    close: async () => {
      state.isClosed = true
      if (timer !== null) clearTimeout(timer)
      await client?.end().catch(() => undefined)
    },
  }
}

/** Settles, always by failing, when the connection is over. */
async function listen(
  client: pg.Client,
  { onNotice, onConnected, heartbeatMs = HEARTBEAT_MS }: ListenOptions,
  onListening: () => void,
): Promise<never> {
  const over = new Promise<never>((_, reject) => {
    client.on('error', reject)
    client.on('end', () => reject(new Error('the connection ended')))
  })
  over.catch(() => undefined)
  client.on('notification', ({ payload }) => {
    const notice = readNotice(payload)
    if (notice === null) onConnected()
    else onNotice(notice)
  })
  await client.connect()
  await client.query(`listen ${headChannel}`)
  onListening()
  onConnected()
  return await Promise.race([over, heartbeatFails(client, over, heartbeatMs)])
}

/** Nothing is ever sent on this connection but notices: one that is half open would be silent for ever. */
async function heartbeatFails(
  client: pg.Client,
  over: Promise<never>,
  everyMs: number,
): Promise<never> {
  const stop = new AbortController()
  over.catch(() => stop.abort())
  for (;;) {
    await sleep(everyMs, undefined, { signal: stop.signal, ref: false })
    await client.query('select 1')
  }
}

/** Null for a payload that is not ours: something moved all the same. */
function readNotice(payload: string | undefined): HeadNotice | null {
  try {
    const value = JSON.parse(payload ?? '') as Partial<HeadNotice>
    const { height, hash, from, reorg } = value
    const isNotice = typeof height === 'number' && typeof hash === 'string'
    return isNotice && typeof from === 'number' && typeof reorg === 'number'
      ? { height, hash, from, reorg }
      : null
  } catch {
    return null
  }
}
