/** Who may ask, and in which form: trusted documents, introspection, other sites' pages, origins. */

import { usePersistedOperations as persistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { TrustedDocuments } from '../trusted-documents'

/** Absent parts: everything is let in. */
export type Guard = {
  readonly introspection?: boolean
  readonly trusted?: TrustedDocuments | null
  /** Header that a page of another site cannot send unasked; null: none is demanded. */
  readonly csrfHeader?: string | null
  /** `*` or one origin. */
  readonly corsOrigin?: string
}

export function guardPlugins(guard: Guard): Plugin[] {
  const { trusted } = guard
  return [
    csrfPlugin(guard.csrfHeader ?? null),
    corsPlugin(guard.corsOrigin ?? '*'),
    ...(guard.introspection === false ? [introspectionPlugin] : []),
    ...(trusted == null ? [] : [byTextPlugin(trusted), byIdPlugin(trusted)]),
  ]
}

/** Guesses at a misspelt name would tell the schema piece by piece. */
const introspectionPlugin: Plugin = {
  onValidate: ({ addValidationRule }) => {
    addValidationRule(NoSchemaIntrospectionCustomRule)
    return ({ result, setResult }) => {
      if (result.length > 0) setResult(result.map(withoutSuggestion))
    }
  },
  onExecute: () => ({
    onExecuteDone: ({ result, setResult }) => {
      if (!('errors' in result) || result.errors === undefined) return
      setResult({ ...result, errors: result.errors.map(withoutSuggestion) })
    },
  }),
}

function withoutSuggestion(error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(String(error))
  const [message = ''] = error.message.split(/ Did you mean /)
  if (message === error.message) return error
  const { nodes, source, positions, path, extensions } = error
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions,
  })
}

/** Browsers send forms (and GET) to anybody without asking first; forms are no way to ask here at all. */
function csrfPlugin(header: string | null): Plugin {
  return {
    onRequestParse: ({ request }) => {
      const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
      const isAskedFirst = /^application\/(json|graphql\+json|graphql)$/.test(type ?? '')
      if (request.method === 'POST' && !isAskedFirst) {
        throw refusal('send POST with content-type application/json', 415)
      }
      if (header === null || request.headers.has(header)) return
      if (request.method === 'POST') return
      throw refusal(`the header ${header} is missing`, 403)
    },
  }
}

function refusal(message: string, status: number): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status } } })
}

/** One value for all who ask, so that shared caches may keep the answer. */
function corsPlugin(origin: string): Plugin {
  return {
    onResponse: ({ response }) => {
      response.headers.set('access-control-allow-origin', origin)
    },
  }
}

/** A trusted document sent in full is as good as its id. */
function byTextPlugin({ idOf }: TrustedDocuments): Plugin {
  return {
    onParams: ({ params, setParams }) => {
      const id = params.query === undefined ? undefined : idOf(params.query)
      if (id === undefined) return
      const { query: _, ...rest } = params
      const persistedQuery = { version: 1, sha256Hash: id }
      setParams({ ...rest, extensions: { ...params.extensions, persistedQuery } })
    },
  }
}

function byIdPlugin({ byId }: TrustedDocuments): Plugin {
  const error = (message: string) => ({
    message,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  })
  return persistedOperations({
    allowArbitraryOperations: false,
    getPersistedOperation: (id) => byId.get(id) ?? null,
    customErrors: {
      notFound: error('no trusted document has this id'),
      keyNotFound: error('only trusted documents run here: name one in extensions.persistedQuery'),
      persistedQueryOnly: error('only trusted documents run here, and this is none of them'),
    },
  }) as Plugin
}
