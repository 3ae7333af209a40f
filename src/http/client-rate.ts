/** What one client may ask: a token bucket for each address, refilled evenly, full at first. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP, SocketAddress } from 'node:net'
import { Lru } from '../lru'

/** Clients remembered; who is forgotten starts with a full bucket. */
const MAX_CLIENTS = 50_000

/** Seconds to wait when the client has asked for too much; null: go on. */
export type Charge = (request: IncomingMessage, tokens: number) => number | null

export type RateOptions = {
  /** Tokens a minute, and those of a full bucket; 0 = off. */
  readonly perMinute: number
  /** Proxies whose `X-Forwarded-For` is believed; 0 = none: the socket's address counts and loopback is free. */
  readonly trustProxy: number
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  readonly maxClients?: number
}

export function createClientRate(options: RateOptions): Charge {
  const { perMinute, trustProxy, nowMs } = options
  if (perMinute === 0) return () => null
  const buckets = new Lru<string, { tokens: number; atMs: number }>(
    options.maxClients ?? MAX_CLIENTS,
  )
  const perMs = perMinute / 60_000
  const identify = trustProxy === 0 ? oncePerConnection() : clientOf
  return (request, wanted) => {
    const client = identify(request, trustProxy)
    if (client === null) return null
    // What costs more than a full bucket takes a full one.
    const price = Math.min(wanted, perMinute)
    const now = nowMs()
    const known = buckets.get(client)
    const bucket = known ?? { tokens: perMinute, atMs: now }
    bucket.tokens = Math.min(perMinute, bucket.tokens + (now - bucket.atMs) * perMs)
    bucket.atMs = now
    if (known === undefined) buckets.set(client, bucket)
    if (bucket.tokens < price) return Math.ceil((price - bucket.tokens) / perMs / 1_000)
    bucket.tokens -= price
    return null
  }
}

/** Without proxies a connection is one client, however often it asks. */
function oncePerConnection(): typeof clientOf {
  const clients = new WeakMap<object, string | null>()
  return (request) => {
    const known = clients.get(request.socket)
    if (known !== undefined) return known
    const client = clientOf(request, 0)
    clients.set(request.socket, client)
    return client
  }
}

/** An IPv4 address or an IPv6 /64, which is what one subscriber is given; null: loopback, never limited. */
export function clientOf(request: IncomingMessage, trustProxy: number): string | null {
  const socket = request.socket.remoteAddress ?? ''
  if (trustProxy === 0) return isLoopback(socket) ? null : network(socket)
  const hops = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  // The last ones were written by proxies of ours, those before by anybody.
  const hop = hops.at(-trustProxy)?.trim() ?? ''
  const plain = hop.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
  return network(isIP(plain) === 0 ? socket : plain)
}

function isLoopback(address: string): boolean {
  return address === '::1' || unmapped(address).startsWith('127.')
}

function network(address: string): string {
  if (isIP(address) !== 6) return address
  const canonical = new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' })
  // An IPv4 address may be mapped in any notation: the canonical form has it in the dotted one.
  const shortest = unmapped(canonical.address)
  if (isIP(shortest) === 4) return shortest
  const [head = '', tail] = shortest.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  return [...first, ...zeros, ...last].slice(0, 4).join(':')
}

function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

export function sendLimited(response: ServerResponse, seconds: number, pathname: string): void {
  const code = 'RATE_LIMITED'
  const message = `too many requests of one client: ask again in ${seconds} s`
  const isGraphQL = pathname === '/graphql'
  const body = isGraphQL
    ? { errors: [{ message, extensions: { code, retryAfter: seconds, retryable: true } }] }
    : { title: 'Too many requests', status: 429, code, detail: message }
  response.writeHead(429, {
    'content-type': isGraphQL ? 'application/json' : 'application/problem+json',
    'cache-control': 'no-store',
    'retry-after': String(seconds),
  })
  response.end(JSON.stringify(body))
}
