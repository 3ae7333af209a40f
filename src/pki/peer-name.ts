/** Does the target name the peer? RFC 9525 §6 (hosts, addresses) and RFC 5280 §4.2.1.6 (mailboxes). */
import { equalBytes } from '../bytes'
import type { GeneralName } from './general-names'
import { isDnsName, parseMailbox } from './name-matching'

export type PeerName = {
  readonly kind: 'DNS' | 'IP' | 'RFC822'
  readonly value: string
}

/** Only subjectAltName counts: a host in the common name is no identity (RFC 9525 §6.3). */
export function namesPeer(names: readonly GeneralName[] | undefined, peer: PeerName): boolean {
  const presented = names ?? []
  switch (peer.kind) {
    case 'DNS':
      return presented.some(
        (name) => name.kind === 'dNSName' && matchesHost(name.value, peer.value),
      )
    case 'IP': {
      const octets = parseAddress(peer.value)
      if (octets === undefined) return false
      return presented.some((name) => name.kind === 'iPAddress' && equalBytes(name.octets, octets))
    }
    case 'RFC822':
      return presented.some(
        (name) => name.kind === 'rfc822Name' && isSameMailbox(name.value, peer.value),
      )
  }
}

/** `*` stands for exactly one whole label, the first, above at least two others. */
export function matchesHost(presented: string, host: string): boolean {
  const name = presented.toLowerCase()
  const wanted = host.toLowerCase().replace(/\.$/, '')
  if (!isDnsName(wanted)) return false
  if (!name.startsWith('*.')) return name === wanted
  const base = name.slice(2)
  if (!isDnsName(base) || !base.includes('.')) return false
  const firstDot = wanted.indexOf('.')
  return firstDot > 0 && wanted.slice(firstDot + 1) === base
}

function isSameMailbox(presented: string, wanted: string): boolean {
  const a = parseMailbox(presented)
  const b = parseMailbox(wanted)
  if (a === undefined || b === undefined) return false
  return a.local === b.local && a.host.toLowerCase() === b.host.toLowerCase()
}

/** Octets of an IPv4 or IPv6 address in text; undefined when it is neither. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return undefined
  const octets = match.slice(1).map(Number)
  const isCanonical = octets.every((octet, index) => octet < 256 && `${octet}` === match[index + 1])
  return isCanonical ? Uint8Array.from(octets) : undefined
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(readGroups)
  if (head === undefined) return undefined
  const given = head.length + (tail?.length ?? 0)
  if (halves.length === 1 ? given !== 16 : tail === undefined || given > 14) return undefined
  const octets = new Uint8Array(16)
  octets.set(head)
  if (tail !== undefined) octets.set(tail, 16 - tail.length)
  return octets
}

/** Octets of colon-separated groups, the last maybe in IPv4 form. */
function readGroups(text: string): Uint8Array | undefined {
  const octets: number[] = []
  const groups = text === '' ? [] : text.split(':')
  for (const [index, group] of groups.entries()) {
    const embedded = index === groups.length - 1 ? parseIpv4(group) : undefined
    if (embedded !== undefined) octets.push(...embedded)
    else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      octets.push(value >> 8, value & 0xff)
    } else return undefined
  }
  return octets.length > 16 ? undefined : Uint8Array.from(octets)
}
