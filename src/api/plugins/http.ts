/** The HTTP side of GraphQL: the head each answer was computed from, and bodies of bounded size. */

import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { HeadRow } from '../rows'

/** `index-head: <height> <hash>`: what the answer was computed from. */
export const INDEX_HEAD_HEADER = 'index-head'

type Head = { readonly height: number; readonly hash: string }

/** Rejects where there is none to be read. */
export type ReadHead = () => Promise<Head>

export type HeadMemory = {
  remember(request: Request, head: HeadRow): void
  /** Of the request; one that read nothing is told the last head seen, or the one read for it where none was yet. */
  recall(request: Request): Promise<Head | null>
}

export function createHeadMemory(readHead: ReadHead | undefined): HeadMemory {
  const heads = new WeakMap<Request, Head>()
  let last: Head | null = null
  return {
    remember: (request, { block }) => {
      last = { height: block.height, hash: block.hash }
      heads.set(request, last)
    },
    recall: async (request) =>
      heads.get(request) ?? last ?? (await readHead?.().catch(() => null)) ?? null,
  }
}

export function indexHeadPlugin(memory: HeadMemory): Plugin {
  return {
    onResponse: async ({ request, response }) => {
      const head = await memory.recall(request)
      if (head !== null) response.headers.set(INDEX_HEAD_HEADER, `${head.height} ${head.hash}`)
    },
  }
}

/** A body is read no further than the limit, whatever its length was said to be. */
export function bodyLimitPlugin(maxBytes: number): Plugin {
  return {
    onRequestParse: ({ request, requestParser, setRequestParser, fetchAPI }) => {
      if (request.method !== 'POST' || requestParser === undefined) return
      setRequestParser(async (original) => {
        const body = await readBounded(original, maxBytes)
        const { headers, url, method } = original
        return requestParser(new fetchAPI.Request(url, { method, headers, body }))
      })
    },
  }
}

async function readBounded(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let length = 0
  const body = request.body as AsyncIterable<Uint8Array> | null
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function tooLarge(maxBytes: number): GraphQLError {
  return new GraphQLError(`the request body is over ${maxBytes} bytes`, {
    extensions: { code: 'QUERY_TOO_COMPLEX', maxBytes, http: { status: 413 } },
  })
}
