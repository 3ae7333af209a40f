/** Small changes to bytes and texts, told by a seed. */

import type { Random } from '../../src/devnet/maker/random'

/** Values at the edges of lengths and tags. */
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x30, 0x31, 0x02, 0x03]

/** One to four changes: set, flip, delete, insert, repeat, cut. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const changed = [...bytes]
  const changes = 1 + random.below(4)
  for (let i = 0; i < changes; i++) {
    const at = random.below(changed.length + 1)
    const value = random.chance(0.5) ? random.pick(EDGES) : random.below(256)
    switch (random.below(8)) {
      case 0:
        changed.splice(at, 1 + random.below(4))
        break
      case 1:
        changed.splice(at, 0, value)
        break
      case 2:
        changed.splice(at, 0, ...changed.slice(at, at + random.below(64)))
        break
      case 3:
        if (random.chance(0.2)) changed.length = at
        break
      case 4:
        changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
        break
      default:
        changed[at] = value
    }
  }
  return Uint8Array.from(changed)
}

const PIECES = [
  '\u0000',
  '\ud800',
  '\u202e',
  '"',
  '\\',
  '{',
  '}',
  '%',
  '%00',
  '../',
  "'",
  '💥',
  '$',
  '\r\n',
]

export function mutateText(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  const piece = random.chance(0.5) ? random.pick(PIECES) : String.fromCharCode(random.below(0x3000))
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + piece + text.slice(at)
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random.below(8))
    case 2:
      return text.slice(0, at) + text.slice(at).repeat(1 + random.below(3))
    default:
      return text.slice(0, at) + piece + text.slice(at + 1)
  }
}
