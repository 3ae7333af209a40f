/** One element of a DER structure, for display only: nothing is decided from it. */
export type Asn1Node = {
  readonly offset: number
  readonly headerLength: number
  readonly length: number
  readonly tag: number
  readonly name: string
  readonly value: string | undefined
  readonly children: readonly Asn1Node[]
}

const MAX_NODES = 4000
const MAX_DEPTH = 40
const MAX_VALUE = 160

const universal: Readonly<Record<number, string>> = {
  1: 'BOOLEAN',
  2: 'INTEGER',
  3: 'BIT STRING',
  4: 'OCTET STRING',
  5: 'NULL',
  6: 'OBJECT IDENTIFIER',
  10: 'ENUMERATED',
  12: 'UTF8String',
  16: 'SEQUENCE',
  17: 'SET',
  18: 'NumericString',
  19: 'PrintableString',
  20: 'T61String',
  22: 'IA5String',
  23: 'UTCTime',
  24: 'GeneralizedTime',
  26: 'VisibleString',
  28: 'UniversalString',
  30: 'BMPString',
}

type Budget = { nodes: number }

/** The elements of `bytes`, one after another; undefined where they are not DER or too many. */
export function parseAsn1(bytes: Uint8Array): readonly Asn1Node[] | undefined {
  return elements(bytes, 0, bytes.length, 0, { nodes: MAX_NODES })
}

function elements(
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
  budget: Budget,
): Asn1Node[] | undefined {
  const nodes: Asn1Node[] = []
  let offset = start
  while (offset < end) {
    const node = element(bytes, offset, end, depth, budget)
    if (node === undefined) return undefined
    nodes.push(node)
    offset = node.offset + node.headerLength + node.length
  }
  return nodes
}

function element(
  bytes: Uint8Array,
  offset: number,
  end: number,
  depth: number,
  budget: Budget,
): Asn1Node | undefined {
  budget.nodes -= 1
  const tag = bytes[offset]
  const size = readLength(bytes, offset + 1, end)
  if (tag === undefined || size === undefined || budget.nodes < 0 || depth > MAX_DEPTH)
    return undefined
  if ((tag & 0x1f) === 0x1f) return undefined
  const headerLength = 1 + size.octets
  const start = offset + headerLength
  if (start + size.length > end) return undefined
  const content = bytes.subarray(start, start + size.length)
  const inner = innerStart(tag, content)
  const children =
    inner === undefined
      ? undefined
      : elements(bytes, start + inner, start + size.length, depth + 1, budget)
  const isConstructed = (tag & 0x20) !== 0
  if (isConstructed && children === undefined) return undefined
  return {
    offset,
    headerLength,
    length: size.length,
    tag,
    name: tagName(tag),
    value: children === undefined || children.length === 0 ? valueText(tag, content) : undefined,
    children: children ?? [],
  }
}

/** Where nested DER may begin: constructed values, and strings of octets or bits that wrap DER. */
function innerStart(tag: number, content: Uint8Array): number | undefined {
  if ((tag & 0x20) !== 0) return 0
  if (tag === 4 && content[0] === 0x30) return 0
  return tag === 3 && content[0] === 0 && content[1] === 0x30 ? 1 : undefined
}

function readLength(bytes: Uint8Array, at: number, end: number) {
  const first = bytes[at]
  if (first === undefined || at >= end) return undefined
  if (first < 0x80) return { length: first, octets: 1 }
  const count = first & 0x7f
  if (count === 0 || count > 4 || at + count >= end) return undefined
  let length = 0
  for (let index = 1; index <= count; index += 1) length = length * 256 + (bytes[at + index] ?? 0)
  return { length, octets: 1 + count }
}

function tagName(tag: number): string {
  const number = tag & 0x1f
  const kind = tag >> 6
  if (kind === 0) return universal[number] ?? `UNIVERSAL ${number}`
  return kind === 2 ? `[${number}]` : `${kind === 1 ? 'APPLICATION' : 'PRIVATE'} ${number}`
}

function valueText(tag: number, content: Uint8Array): string {
  if (tag === 6) return oidText(content)
  if (tag === 1) return content[0] === 0 ? 'FALSE' : 'TRUE'
  if ([12, 18, 19, 22, 23, 24, 26].includes(tag)) return clip(new TextDecoder().decode(content))
  if (tag === 5 || (tag & 0x20) !== 0) return ''
  return clip([...content.subarray(0, MAX_VALUE)].map(hexPair).join(''))
}

function hexPair(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function clip(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text
}

function oidText(content: Uint8Array): string {
  const arcs: bigint[] = []
  let value = 0n
  for (const byte of content) {
    value = value * 128n + BigInt(byte & 0x7f)
    if ((byte & 0x80) !== 0) continue
    arcs.push(value)
    value = 0n
  }
  const first = arcs.shift() ?? 0n
  const top = first < 80n ? first / 40n : 2n
  return [top, first - top * 40n, ...arcs].join('.')
}
