/** The dev chain's runtime with its parts elsewhere: what a runtime upgrade may move, written into its metadata. */

import { decodeMetadata } from '@subsquid/substrate-runtime/lib/metadata'
import type { RecordedRuntime } from '../../src/devnet/recording'

export type Moves = {
  readonly specVersion: number
  readonly autoIdPallet: number
  readonly ss58Prefix: number
  /** Of System.EventSegments; false: the runtime knows only System.Events. */
  readonly hasSegments: boolean
}

const FROM = 40

export function movedRuntime(runtime: RecordedRuntime, moves: Moves): RecordedRuntime {
  const bytes = Buffer.from(runtime.metadata.slice(2), 'hex')
  moveVariants(bytes, moves.autoIdPallet)
  movePallet(bytes, runtime.metadata, moves.autoIdPallet)
  setPrefix(bytes, moves.ss58Prefix)
  setVersion(bytes, String(runtime.version['specName']), moves.specVersion)
  if (!moves.hasSegments) rename(bytes, 'EventSegments', 'EventSegmentX')
  const { specVersion } = moves
  return { metadata: `0x${bytes.toString('hex')}`, version: { ...runtime.version, specVersion } }
}

/** Text as SCALE has it. */
const named = (name: string) => Buffer.from([name.length << 2, ...Buffer.from(name)])

function* placesOf(bytes: Buffer, part: Buffer): Generator<number> {
  for (let at = bytes.indexOf(part); at >= 0; at = bytes.indexOf(part, at + 1))
    yield at + part.length
}

/** `AutoId` in RuntimeCall, RuntimeEvent and their like: one unnamed field with a type name, no docs, then the index. */
function moveVariants(bytes: Buffer, to: number): void {
  let moved = 0
  for (const start of placesOf(bytes, named('AutoId'))) {
    if (bytes[start] !== 4 || bytes[start + 1] !== 0) continue
    const typeLength = [1, 2, 4][(bytes[start + 2] ?? 0) & 3] ?? 0
    let at = start + 2 + typeLength
    if (bytes[at] !== 1) continue
    const [first = 0, second = 0] = bytes.subarray(at + 1, at + 3)
    const isLong = (first & 3) === 1
    const length = isLong ? ((second << 8) | first) >> 2 : first >> 2
    at += (isLong ? 3 : 2) + length + 1
    if (bytes[at] !== FROM) continue
    bytes[at] = to
    moved += 1
  }
  if (moved < 2)
    throw new Error(`${moved} variants moved, of RuntimeCall and RuntimeEvent at least`)
}

/** The index is the last byte of a pallet: the next one's name follows. */
function movePallet(bytes: Buffer, metadata: string, to: number): void {
  const decoded = decodeMetadata(metadata)
  const pallets = decoded.__kind === 'V14' ? decoded.value.pallets : []
  const next = pallets[pallets.findIndex(({ name }) => name === 'AutoId') + 1]
  if (next === undefined) throw new Error('AutoId is the last pallet')
  const places = [...placesOf(bytes, named(next.name))]
    .map((end) => end - next.name.length - 2)
    .filter((at) => bytes[at] === FROM)
  if (places.length !== 1) throw new Error(`${places.length} places look like the end of AutoId`)
  bytes[places[0] as number] = to
}

function setPrefix(bytes: Buffer, prefix: number): void {
  for (const start of placesOf(bytes, named('SS58Prefix'))) {
    const at = bytes.indexOf(Buffer.from([8, 0xce, 0x17]), start)
    if (at < 0 || at > start + 6) throw new Error('no SS58Prefix of 6094')
    bytes.writeUInt16LE(prefix, at + 1)
  }
}

/** `System.Version`: the names of specification and implementation, the authoring version, the specification's. */
function setVersion(bytes: Buffer, specName: string, specVersion: number): void {
  const names = Buffer.concat([named(specName), named(specName), Buffer.alloc(4)])
  for (const end of placesOf(bytes, names)) bytes.writeUInt32LE(specVersion, end)
}

function rename(bytes: Buffer, from: string, to: string): void {
  for (const end of placesOf(bytes, named(from))) bytes.write(to, end - to.length)
}
