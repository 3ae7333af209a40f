/** Bytes written once and read many times: in memory while small, in an unlinked temporary file beyond. */
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Most lists are far smaller. */
const MEMORY_LIMIT = 262_144
const READ_CHUNK = 65_536

export class Spool {
  private pieces: Uint8Array[] = []
  private file: FileHandle | null = null
  private readers = 0
  private isDiscarded = false
  private isClosed = false
  private written = 0

  /** Octets written so far. */
  get length(): number {
    return this.written
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written += bytes.length
    if (this.file !== null) {
      await writeAll(this.file, bytes)
      return
    }
    this.pieces.push(bytes)
    if (this.written > MEMORY_LIMIT) await this.spill()
  }

  private async spill(): Promise<void> {
    const name = path.join(tmpdir(), `auto-registry-${process.pid}-${randomUUID()}`)
    this.file = await open(name, 'wx+', 0o600)
    // Unlinked at once: the space is freed with the handle, whatever happens to the process.
    await unlink(name)
    await writeAll(this.file, Buffer.concat(this.pieces))
    this.pieces = []
  }

  async *read(): AsyncGenerator<Uint8Array> {
    if (this.isClosed) throw new Error('spool read after it was discarded')
    this.readers++
    try {
      if (this.file === null) {
        yield* this.pieces
        return
      }
      for (let position = 0; position < this.written; ) {
        const chunk = Buffer.allocUnsafe(Math.min(READ_CHUNK, this.written - position))
        const { bytesRead } = await this.file.read(chunk, 0, chunk.length, position)
        if (bytesRead === 0) throw new Error('spool file ended early')
        position += bytesRead
        yield chunk.subarray(0, bytesRead)
      }
    } finally {
      this.readers--
      await this.closeWhenUnused()
    }
  }

  /** Frees the file as soon as nobody reads it any more. */
  async discard(): Promise<void> {
    this.isDiscarded = true
    await this.closeWhenUnused()
  }

  private async closeWhenUnused(): Promise<void> {
    if (!this.isDiscarded || this.readers > 0 || this.file === null) return
    const file = this.file
    this.file = null
    this.isClosed = true
    await file.close()
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done)
    done += bytesWritten
  }
}
