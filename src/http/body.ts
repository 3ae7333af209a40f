/** Request bodies, bounded. */

import { readBounded } from '../bounded-body'

/** Null when the body is longer than `limit` octets. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array | null> {
  const declared = Number(request.headers.get('content-length') ?? '0')
  if (declared > limit) return null
  const bytes = await readBounded(request.body, limit)
  return bytes === null ? null : new Uint8Array(bytes)
}
