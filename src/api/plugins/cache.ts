/**
 * Answers to GET that shared caches may keep (RFC 9111): each with its ETag; those about a final block alone for a day,
 * all others to be asked about again, which costs a 304. A stale "valid" would be worse than a slow one.
 */

import { createHash } from 'node:crypto'
import {
  type DocumentNode,
  type ExecutionArgs,
  getArgumentValues,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { ApiContext } from '../context'

/** Long for a cache, short enough that a mended mistake of ours reaches everybody. */
const FINAL_SECONDS = 86_400

/** What all below them is bounded by the `at` they are asked with. */
const BOUNDED = new Set([
  'autoId',
  'autoIds',
  'certificateChain',
  'revocationList',
  'revocationStatus',
  'verify',
])

/** Demands of freshness come in headers: an answer kept for one demand must not serve another. */
const VARY = 'accept, min-block, x-min-block, max-lag-seconds, x-max-lag-seconds'

export function cachePlugin(): Plugin {
  const final = new WeakSet<Request>()
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result }) => {
        const { request, session } = args.contextValue as unknown as ApiContext & {
          request: Request
        }
        if (request.method !== 'GET' || session === undefined || 'errors' in result) return
        if (isAboutFinal(args, session.head.finalizedHeight)) final.add(request)
      },
    }),
    onResponse: async ({ request, response, setResponse, fetchAPI }) => {
      if (request.method !== 'GET' || !isAnswer(response)) return
      const body = await response.text()
      const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`
      const headers = new Headers(response.headers)
      headers.set('etag', etag)
      headers.set('vary', VARY)
      headers.set(
        'cache-control',
        final.has(request) ? `public, max-age=${FINAL_SECONDS}, immutable` : 'public, no-cache',
      )
      const isKnown = (request.headers.get('if-none-match') ?? '').includes(etag)
      setResponse(
        isKnown
          ? new fetchAPI.Response(null, { status: 304, headers })
          : new fetchAPI.Response(body, { status: response.status, headers }),
      )
    },
  }
}

function isAnswer(response: Response): boolean {
  return response.status === 200 && /json/.test(response.headers.get('content-type') ?? '')
}

type FinalArgs = Pick<ExecutionArgs, 'schema' | 'document' | 'variableValues'>

/** Nothing in it reaches past a final block: each root field is bounded, by `at` and, where there is one, `knownAt`. */
export function isAboutFinal(args: FinalArgs, finalizedHeight: number): boolean {
  const { schema, document, variableValues } = args
  let isFinal = hasOneOperation(document)
  const info = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        const field = info.getFieldDef()
        if (!field || node.name.value.startsWith('__')) return
        const values = getArgumentValues(field, node, variableValues ?? {})
        const isRoot = info.getParentType() === schema.getQueryType()
        if (isRoot && !BOUNDED.has(field.name)) isFinal = false
        const needed = field.args.filter(({ name }) => name === 'at' || name === 'knownAt')
        if (!needed.every(({ name }) => isFinalBlock(values[name], finalizedHeight)))
          isFinal = false
      },
    }),
  )
  return isFinal
}

function hasOneOperation({ definitions }: DocumentNode): boolean {
  return definitions.filter(({ kind }) => kind === 'OperationDefinition').length === 1
}

function isFinalBlock(value: unknown, finalizedHeight: number): boolean {
  const block = (value as { block?: unknown } | null | undefined)?.block
  return typeof block === 'number' && block <= finalizedHeight
}
