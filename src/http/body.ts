/** Request bodies, bounded. */

/** Null when the body is longer than `limit` octets. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array | null> {
  const declared = Number(request.headers.get('content-length') ?? '0')
  if (declared > limit) return null
  if (request.body === null) return new Uint8Array()
  const reader = request.body.getReader()
  const pieces: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Uint8Array(Buffer.concat(pieces))
    length += value.length
    if (length > limit) {
      await reader.cancel()
      return null
    }
    pieces.push(value)
  }
}
