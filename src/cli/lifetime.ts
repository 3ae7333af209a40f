/** How a long-running command ends: by a signal, or with the process that started it. */

/** Resolves at the first SIGINT or SIGTERM, or when the parent that forked us is gone. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    if (process.send !== undefined) process.once('disconnect', () => resolve())
  })
}

/** Tells the parent that the start succeeded. */
export function reportReady(url: string): void {
  process.send?.({ ready: url })
}
