/** OpenTelemetry's SDK, with what it listens to. Loaded only when traces are on. */

import {
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import {
  type OpenSpan,
  runIn,
  type SpanAttributes,
  type SpanSource,
  type Tracing,
  type TracingOptions,
} from './spans'
import { traceRequests } from './trace-requests'
import { traceCalls } from './trace-rpc'
import { traceStatements } from './trace-sql'

/** Also how long a stop waits for a collector that is away. */
const EXPORT_TIMEOUT_MS = 3_000

export function openTracing(options: TracingOptions & { readonly endpoint: string }): Tracing {
  const url = `${options.endpoint.replace(/\/$/, '')}/v1/traces`
  const { service, version } = options
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS })),
    ],
  })
  provider.register()
  const tracer = provider.getTracer(service, version)
  const source: SpanSource = { begin: (...facts) => begin(tracer, ...facts) }
  const undo = [
    traceRequests(source, options.requestIdOf, continued),
    traceStatements(source),
    traceCalls(source),
  ]
  return {
    inSpan: (name, attributes, work) =>
      runIn(openSpan(tracer.startSpan(name, { attributes: { ...attributes } })), work),
    close: async () => {
      for (const restore of undo) restore()
      // The last spans are lost with a collector that is away: that is no reason to fail.
      await provider.shutdown().catch(() => undefined)
      trace.disable()
      context.disable()
      propagation.disable()
    },
  }
}

function begin(
  tracer: Tracer,
  name: string,
  kind: 'CLIENT' | 'SERVER',
  attributes: SpanAttributes,
): OpenSpan {
  const facts = { kind: SpanKind[kind], attributes: { ...attributes } }
  return openSpan(tracer.startSpan(name, facts))
}

function openSpan(span: Span): OpenSpan {
  const around = trace.setSpan(context.active(), span)
  return {
    run: (work) => context.with(around, work),
    end: (failure, attributes = {}) => {
      span.setAttributes(attributes)
      if (failure !== undefined) {
        // The kind of error alone: a message may hold what somebody sent.
        span.setStatus({ code: SpanStatusCode.ERROR })
        span.setAttribute('error.type', failure instanceof Error ? failure.name : String(failure))
      }
      span.end()
    },
  }
}

/** Goes on with the trace that a request's `traceparent` names. */
function continued<T>(headers: object, work: () => T): T {
  return context.with(propagation.extract(context.active(), headers), work)
}
