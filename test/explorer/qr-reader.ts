import type { Locator } from 'playwright-core'

/**
 * Reads a QR code off the screen as a scanner does, by ISO/IEC 18004 and not by the library that drew it: modules from
 * pixels, format, mask, codewords, error correction (which must find no error), text. Versions 1 to 10, level M, bytes.
 */
export async function readQr(picture: Locator): Promise<{ text: string; quietZone: number }> {
  const pixels = await readPixels(picture)
  const { modules, quietZone } = findModules(pixels)
  const mask = readMask(modules)
  const bits = readBits(modules, mask)
  const blocks = splitBlocks(bits, versionOf(modules))
  return { text: readText(blocks.flat(), versionOf(modules)), quietZone }
}

type Pixels = { readonly width: number; readonly height: number; readonly isDark: boolean[] }

async function readPixels(picture: Locator): Promise<Pixels> {
  const png = await picture.screenshot({ scale: 'css' })
  return picture.page().evaluate(
    async (source) => {
      const image = new Image()
      image.src = source
      await image.decode()
      const { width, height } = image
      const context = Object.assign(document.createElement('canvas'), { width, height }).getContext(
        '2d',
      )
      context?.drawImage(image, 0, 0)
      const data = context?.getImageData(0, 0, width, height).data ?? []
      const isDark = Array.from({ length: width * height }, (_, at) => (data[at * 4] ?? 255) < 128)
      return { width, height, isDark }
    },
    `data:image/png;base64,${png.toString('base64')}`,
  )
}

type Modules = readonly (readonly boolean[])[]

/** Corners of the picture are rounded: the dark page behind them is none of its modules. */
const ROUNDED_PX = 6

function findModules({ width, height, isDark }: Pixels) {
  const dark = (x: number, y: number) => isDark[y * width + x] === true
  const inside = (at: number, all: number) => at >= ROUNDED_PX && at < all - ROUNDED_PX
  const found = isDark.flatMap((is, at) => {
    const [x, y] = [at % width, Math.floor(at / width)]
    return is && inside(x, width) && inside(y, height) ? [{ x, y }] : []
  })
  const left = Math.min(...found.map(({ x }) => x))
  const right = Math.max(...found.map(({ x }) => x)) + 1
  const top = Math.min(...found.map(({ y }) => y))
  const bottom = Math.max(...found.map(({ y }) => y)) + 1
  let run = left
  while (dark(run, top + 1)) run += 1
  const roughly = (run - left) / 7
  const size = Math.round(((right - left) / roughly - 17) / 4) * 4 + 17
  const module = (right - left) / size
  const middle = (index: number, from: number) => Math.floor(from + (index + 0.5) * module)
  const modules = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => dark(middle(x, left), middle(y, top))),
  )
  const margin = Math.min(left, top, width - right, height - bottom)
  return { modules, quietZone: margin / module }
}

function versionOf(modules: Modules): number {
  return (modules.length - 17) / 4
}

function moduleAt(modules: Modules, x: number, y: number): number {
  return modules[y]?.[x] === true ? 1 : 0
}

const LEVEL_M = 0

/** §7.9: five bits of level and mask, masked themselves, around the upper left finder; ten bits guard them. */
function readMask(modules: Modules): number {
  const places = Array.from({ length: 15 }, (_, bit): [number, number] => {
    if (bit < 6) return [8, bit]
    if (bit < 8) return [8, bit + 1]
    return bit === 8 ? [7, 8] : [14 - bit, 8]
  })
  const word = places.reduce((sum, [x, y], bit) => sum | (moduleAt(modules, x, y) << bit), 0)
  const format = word ^ 0x5412
  let rest = format
  for (let bit = 14; bit >= 10; bit -= 1) if ((rest >> bit) & 1) rest ^= 0x537 << (bit - 10)
  if (rest !== 0) throw new Error('the format information is damaged')
  if (format >> 13 !== LEVEL_M) throw new Error('not of level M')
  return (format >> 10) & 7
}

/** Centres of the alignment patterns, table E.1. */
const ALIGNMENT: readonly (readonly number[])[] = [
  [],
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
]

function isFunction(x: number, y: number, version: number): boolean {
  const last = version * 4 + 16
  const isFinder = (x < 9 && y < 9) || (x > last - 8 && y < 9) || (x < 9 && y > last - 8)
  if (isFinder || x === 6 || y === 6) return true
  if (version >= 7 && ((x > last - 11 && y < 6) || (y > last - 11 && x < 6))) return true
  const centres = ALIGNMENT[version] ?? []
  return centres.some((cx) =>
    centres.some((cy) => {
      const isCorner = [`6 6`, `6 ${last - 6}`, `${last - 6} 6`].includes(`${cx} ${cy}`)
      return !isCorner && Math.abs(x - cx) <= 2 && Math.abs(y - cy) <= 2
    }),
  )
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

/** §7.7.3: two columns at a time from the right, up and down in turn; the timing column is none of them. */
function readBits(modules: Modules, mask: number): number[] {
  const version = versionOf(modules)
  const size = modules.length
  const bits: number[] = []
  let isUp = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1
    for (let step = 0; step < size; step += 1) {
      const y = isUp ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (isFunction(x, y, version)) continue
        bits.push(moduleAt(modules, x, y) ^ (masks[mask]?.(x, y) === true ? 1 : 0))
      }
    }
    isUp = !isUp
  }
  return bits
}

/** Level M of table 9: error correction codewords of a block, then the data codewords of each block. */
const BLOCKS: readonly (readonly [number, readonly number[]])[] = [
  [0, []],
  [10, [16]],
  [16, [28]],
  [26, [44]],
  [18, [32, 32]],
  [24, [43, 43]],
  [16, [27, 27, 27, 27]],
  [18, [31, 31, 31, 31]],
  [22, [38, 38, 39, 39]],
  [22, [36, 36, 36, 37, 37]],
  [26, [43, 43, 43, 43, 44]],
]

function splitBlocks(bits: readonly number[], version: number): number[][] {
  const [correction, lengths] = BLOCKS[version] ?? [0, []]
  const words: number[] = []
  for (let at = 0; at + 8 <= bits.length; at += 8) words.push(numberOf(bits.slice(at, at + 8)))
  const data: number[][] = lengths.map(() => [])
  const guards: number[][] = lengths.map(() => [])
  let next = 0
  const deal = (to: number[][], limits: readonly number[]) => {
    for (let round = 0; round < Math.max(...limits); round += 1)
      for (const [block, limit] of limits.entries())
        if (round < limit) to[block]?.push(words[next++] ?? 0)
  }
  deal(data, lengths)
  deal(
    guards,
    lengths.map(() => correction),
  )
  for (const [block, words] of data.entries())
    expectWhole([...words, ...(guards[block] ?? [])], correction)
  return data
}

/** A Reed-Solomon codeword over GF(256) has the first powers of 2 as its roots. */
function expectWhole(words: readonly number[], correction: number): void {
  for (let power = 0, root = 1; power < correction; power += 1, root = multiply(root, 2)) {
    const value = words.reduce((sum, word) => multiply(sum, root) ^ word, 0)
    if (value !== 0) throw new Error('a block is damaged')
  }
}

function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    if ((b >> bit) & 1) product ^= a
  }
  return product
}

const BYTES = 0b0100

function readText(words: readonly number[], version: number): string {
  const bits = words.flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (word >> bit) & 1))
  if (numberOf(bits.slice(0, 4)) !== BYTES) throw new Error('not in byte mode')
  const counted = version < 10 ? 8 : 16
  const count = numberOf(bits.slice(4, 4 + counted))
  const bytes = Array.from({ length: count }, (_, index) => {
    const at = 4 + counted + index * 8
    return numberOf(bits.slice(at, at + 8))
  })
  return Buffer.from(bytes).toString('utf8')
}

function numberOf(bits: readonly number[]): number {
  return bits.reduce((sum, bit) => sum * 2 + bit, 0)
}
