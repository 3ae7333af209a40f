/** An answer of 100 MB, as good as endless, that counts what was read of it. */
export function endlessAnswer() {
  const read = { megabytes: 0 }
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++read.megabytes > 100) controller.close()
      else controller.enqueue(new Uint8Array(1_000_000))
    },
  })
  return { response: new Response(body), read }
}
