/** Blocks of a chain too large for memory: headers are kept, extrinsics and state changes are read again when asked for. */

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Hex } from '../bytes'
import type { RecordedBlock } from './recorded-block'

/** Files up to this size are simply read whole. */
export const DISK_THRESHOLD_BYTES = 64 * 1024 * 1024

const CHUNK = 4 * 1024 * 1024
const CACHED_BLOCKS = 256

type Contents = Pick<RecordedBlock, 'extrinsics' | 'storageDiff'>

/** The lines of one file, parsed on demand; the last ones stay parsed. */
class BlockFile {
  private readonly descriptor: number
  private readonly cache = new Map<number, Contents>()

  constructor(path: string) {
    this.descriptor = openSync(path, 'r')
  }

  read(offset: number, length: number): Contents {
    const cached = this.cache.get(offset)
    if (cached) return cached
    const line = Buffer.allocUnsafe(length)
    readSync(this.descriptor, line, 0, length, offset)
    const parsed = JSON.parse(line.toString('utf8')) as Contents
    this.cache.set(offset, parsed)
    const oldest = this.cache.keys().next().value
    if (this.cache.size > CACHED_BLOCKS && oldest !== undefined) this.cache.delete(oldest)
    return parsed
  }
}

export class DiskBlock implements RecordedBlock {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  readonly stateRoot: Hex
  readonly extrinsicsRoot: Hex
  readonly digest: RecordedBlock['digest']
  readonly specVersionAfter: number

  constructor(
    parsed: RecordedBlock,
    private readonly file: BlockFile,
    private readonly offset: number,
    private readonly length: number,
  ) {
    this.number = parsed.number
    this.hash = parsed.hash
    this.parentHash = parsed.parentHash
    this.stateRoot = parsed.stateRoot
    this.extrinsicsRoot = parsed.extrinsicsRoot
    this.digest = parsed.digest
    this.specVersionAfter = parsed.specVersionAfter
  }

  get extrinsics(): readonly Hex[] {
    return this.file.read(this.offset, this.length).extrinsics
  }

  get storageDiff(): RecordedBlock['storageDiff'] {
    return this.file.read(this.offset, this.length).storageDiff
  }
}

export function isLarge(path: string): boolean {
  return statSync(path).size > DISK_THRESHOLD_BYTES
}

/** Goes through the file once. @throws {SyntaxError} on a line that is no JSON */
export function indexBlocks(path: string): DiskBlock[] {
  const file = new BlockFile(path)
  const scan = openSync(path, 'r')
  const blocks: DiskBlock[] = []
  let rest: Buffer = Buffer.alloc(0)
  let offset = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const count = readSync(scan, chunk, 0, CHUNK, null)
    if (count === 0) break
    let text = Buffer.concat([rest, chunk.subarray(0, count)])
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
      const parsed = JSON.parse(text.subarray(0, end).toString('utf8')) as RecordedBlock
      blocks.push(new DiskBlock(parsed, file, offset, end))
      offset += end + 1
      text = text.subarray(end + 1)
    }
    rest = text
  }
  closeSync(scan)
  return blocks
}
