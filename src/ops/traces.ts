/** Traces behind a setting: without an endpoint nothing of OpenTelemetry's SDK is loaded, and a span is a plain call. */

import type { InSpan, Tracing, TracingOptions } from './spans'

let current: Tracing | null = null

/** Of the whole process, once: HTTP requests, SQL and RPC calls are traced from here on, until it is closed. */
export async function startTraces(options: TracingOptions): Promise<{ close(): Promise<void> }> {
  const { endpoint } = options
  if (endpoint === null) return { close: async () => {} }
  const { openTracing } = await import('./tracing.js')
  const tracing = openTracing({ ...options, endpoint })
  current = tracing
  return {
    close: async () => {
      current = null
      await tracing.close()
    },
  }
}

export const inSpan: InSpan = (name, attributes, work) =>
  current === null ? work() : current.inSpan(name, attributes, work)
