/** Bodies of answers, bounded: what a service sends, or a small compressed body unfolds to, has no end otherwise. */

/** Null when it is longer than `limit` octets; no more is read then. */
export async function readAnswer(response: Response, limit: number): Promise<Buffer | null> {
  const reader = response.body?.getReader()
  const pieces: Uint8Array[] = []
  let length = 0
  for (;;) {
    const piece = (await reader?.read())?.value
    if (piece === undefined) return Buffer.concat(pieces)
    length += piece.length
    if (length > limit) {
      await reader?.cancel()
      return null
    }
    pieces.push(piece)
  }
}
