/** Spans as those who watch a library see them. */

import type { IncomingMessage } from 'node:http'

export type SpanAttributes = Readonly<Record<string, string | number>>

/** Runs `work` as a span; one that throws, or whose promise is rejected, is marked as failed. */
export type InSpan = <T>(name: string, attributes: SpanAttributes, work: () => T) => T

export type Tracing = { readonly inSpan: InSpan; close(): Promise<void> }

export type TracingOptions = {
  /** `http(s)://…` of an OTLP/HTTP collector; spans go to `/v1/traces` below it. Null: no traces. */
  readonly endpoint: string | null
  readonly service: string
  readonly version: string
  readonly requestIdOf: (request: IncomingMessage) => string
}

/** What a watcher of a library needs: begins a span below the current one, and ends it. */
export type SpanSource = {
  begin(name: string, kind: 'CLIENT' | 'SERVER', attributes: SpanAttributes): OpenSpan
}

export type OpenSpan = {
  /** What `work` begins is below this span. */
  run<T>(work: () => T): T
  /** @param failure what was thrown, or any other sign that it went wrong */
  end(failure?: unknown, attributes?: SpanAttributes): void
}

/** Work below a span, which ends with it: at once, or when its promise settles. */
export function runIn<T>(span: OpenSpan, work: () => T): T {
  try {
    const result = span.run(work)
    if (!isPromise(result)) {
      span.end()
      return result
    }
    return result.then(
      (value) => {
        span.end()
        return value
      },
      (error: unknown) => {
        span.end(error ?? 'rejected')
        throw error
      },
    ) as T
  } catch (error) {
    span.end(error ?? 'thrown')
    throw error
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}
