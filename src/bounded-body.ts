/** Bodies of requests and answers, bounded: what is sent, or a small compressed body unfolds to, has no end otherwise. */

/** Null when it is longer than `limit` octets; no more is read then. */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Buffer | null> {
  if (body === null) return Buffer.alloc(0)
  const reader = body.getReader()
  const pieces: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(pieces)
    length += value.length
    if (length > limit) {
      await reader.cancel()
      return null
    }
    pieces.push(value)
  }
}
