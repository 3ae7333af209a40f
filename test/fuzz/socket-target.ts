/** Bytes on a socket of the real server: any method, target and headers, several at once, cut anywhere. */

import { connect } from 'node:net'
import type { Random } from '../../src/devnet/maker/random'
import type { RunningServer } from '../../src/server'
import { mutateText } from './mutate'
import type { Target } from './target'

/** A server that neither answers nor closes within this has lost the connection. */
const MAX_SILENCE_MS = 5_000

export function socketTarget({ url }: RunningServer, ids: readonly string[]): Target {
  const counted = { failures: '' }
  return { name: 'socket', run: (random) => exchange(random, url, ids, counted) }
}

/** The server's own count of its 5xx, as last seen. */
type Counted = { failures: string }

const METHODS = [
  ...['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
  ...['PATCH', 'TRACE', 'CONNECT', 'PROPFIND', 'QUERY', 'M-SEARCH', 'get', 'TRACK', 'G\u00e9T'],
]
const TARGETS = [
  ...['/', '*', '//elsewhere/x', 'http://elsewhere/healthz', '/%', '/%00', '/..%2f..%2fetc', '/\\'],
  ...['/healthz', '/readyz', '/metrics', '/registries', '/responder.pem', '/no/such', '/r/x/y'],
  ...['/graphql', '/graphql?query=%7B__typename%7D', '/graphql?query=', '/ocsp', '/ocsp/AAAA'],
  ...['/status/ID', '/crl/ID.crl', '/autoid/ID.pem', '/autoid/ID/did.json', '/status-list/0'],
  ...['/status-list/of/ID', '/autoid/ID/.well-known/openid-configuration', '/id/ID', 'healthz'],
]
const HOSTS = [
  ...['localhost', 'localhost', 'x:99999', 'a:b:c', '[::1', '[::1]:80', '', ' ', 'a b', 'a@b', '%'],
  ...['xn--', '1.2.3.4.5', '0x7f.1', 'x:', ':80', 'ä', '..', 'a/b', 'a?b', 'a#b', 'x'.repeat(300)],
]
const HEADERS = [
  ...[
    'content-type: application/json',
    'content-type: application/ocsp-request',
    'content-type: ;',
  ],
  ...['content-length: 5', 'content-length: -1', 'content-length: 5, 5', 'content-length: 99999'],
  ...['transfer-encoding: chunked', 'transfer-encoding: gzip', 'expect: 100-continue', 'expect: x'],
  ...[
    'upgrade: websocket',
    'connection: upgrade',
    'upgrade: h2c',
    'range: bytes=0-1',
    'accept: */*',
  ],
  ...['accept: text/html', 'accept: text/event-stream', 'accept-encoding: gzip', 'accept: ;;q=x'],
  ...['if-none-match: "x"', 'if-modified-since: never', 'x-forwarded-for: ,', 'origin: null'],
  ...[
    'x-request-id: \u00ff',
    'traceparent: 00-0-0-0',
    'min-index-height: x',
    'cookie: \u0080=\u0081',
  ],
  ...[': x', 'no colon', 'host: second', '__proto__: x', 'constructor: x', 'access-control-x: '],
  ...['access-control-request-method: TRACE', 'content-encoding: br', `x: ${'y'.repeat(20_000)}`],
]
const BODIES = [
  ...['', '{}', '{"query":"{ status { head { height } } }"}', '{"query":1}', '[]', '[{}]', 'null'],
  ...['{"query":"subscription { newBlock { height } }"}', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', '0'],
]

/** Ends with an end of its own, so that unfinished requests need not time out. */
async function exchange(
  random: Random,
  url: string,
  ids: readonly string[],
  counted: Counted,
): Promise<boolean> {
  const requests = Array.from({ length: 1 + random.below(3) }, () => makeRequest(random, ids))
  const whole = requests.join('')
  const text = random.chance(0.2) ? mutateText(random, whole) : whole
  const sent = random.chance(0.2) ? text.slice(0, random.below(text.length + 1)) : text
  const answer = await converse(random, new URL(url), Buffer.from(sent, 'latin1'))
  const failed = /HTTP\/1\.1 5\d\d/.exec(answer)?.[0] ?? (await failedUnseen(random, url, counted))
  if (failed !== null) throw new Error(`${failed} for ${JSON.stringify(sent.slice(0, 600))}`)
  if (/\n\s+at .*[.](js|ts):\d+/.test(answer)) throw new Error(`a stack for ${sent.slice(0, 600)}`)
  return /HTTP\/1\.1 2\d\d/.test(answer)
}

function makeRequest(random: Random, ids: readonly string[]): string {
  const target = random.pick(TARGETS).replace('ID', random.pick(ids))
  const lines = [
    `${random.pick(METHODS)} ${target} HTTP/1.${random.chance(0.95) ? 1 : 0}`,
    ...(random.chance(0.95) ? [`host: ${random.pick(HOSTS)}`] : []),
    ...Array.from({ length: random.below(4) }, () => random.pick(HEADERS)),
  ]
  const body = random.chance(0.5) ? random.pick(BODIES) : ''
  if (random.chance(0.7)) lines.push(`content-length: ${body.length}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** What was answered that nobody was there to read, here or in the cases before. */
async function failedUnseen(random: Random, url: string, counted: Counted): Promise<string | null> {
  if (!random.chance(0.02)) return null
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const failures = metrics.match(/http_request_seconds_count\{[^}]*status="5.*/g)?.join() ?? ''
  if (failures === counted.failures) return null
  counted.failures = failures
  return failures
}

async function converse(random: Random, url: URL, sent: Uint8Array): Promise<string> {
  const patienceMs = random.chance(0.3) ? 0 : 20
  return await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true })
    const lost = setTimeout(() => {
      socket.destroy()
      reject(
        new Error(`no end after ${MAX_SILENCE_MS} ms: ${Buffer.from(sent).toString('latin1')}`),
      )
    }, MAX_SILENCE_MS)
    let quiet: NodeJS.Timeout | undefined
    const wait = (ms: number) => {
      clearTimeout(quiet)
      quiet = setTimeout(() => (random.chance(0.9) ? socket.end() : socket.destroy()), ms)
    }
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      wait(patienceMs)
    })
    // A reset is an answer, too.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(quiet)
      clearTimeout(lost)
      resolve(Buffer.concat(chunks).toString('latin1'))
    })
    socket.write(sent)
    wait(patienceMs * 3)
  })
}
