/** A subscription as a client of Server-Sent Events has it. */

import type { TestApi } from './api'

export type Subscription<T> = {
  /** What came, in order; grows. */
  readonly received: readonly T[]
  end(): Promise<void>
}

/** Asks without a socket; every message is an `ExecutionResult`. */
export async function subscribe<T>(api: TestApi, query: string): Promise<Subscription<T>> {
  const ended = new AbortController()
  const response = await api.fetch('http://test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
    signal: ended.signal,
  })
  const received: T[] = []
  const reading = read(response, received, ended.signal).catch(() => undefined)
  return {
    received,
    end: async () => {
      ended.abort()
      await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 500))])
    },
  }
}

async function read<T>(response: Response, received: T[], ended: AbortSignal): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    // What is still under way when a client leaves goes nowhere: without a socket it would be heard here.
    if (ended.aborted) return
    text += decoder.decode(chunk, { stream: true })
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1]
      if (data !== undefined) received.push(JSON.parse(data) as T)
    }
  }
}
