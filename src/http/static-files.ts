/** The built pages: hashed files for ever, everything else by its contents; every page path gets the one page, and so does a lost person. */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
}

/** Paths of pages; what they show they ask for themselves. */
const PAGE =
  /^\/(?:|autoids|autoid\/[^/.]+|certificate\/[^/.]+|verify|token|preflight|events|failed|quarantined|block\/[^/.]+|extrinsic\/[^/.]+|provenance)\/?$/

/** Nothing from elsewhere, nothing inline, no frames around it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE_FILE = '/index.html'

type StaticFile = {
  readonly body: Readonly<Record<'identity' | 'gzip' | 'br', Buffer>>
  readonly headers: Readonly<Record<string, string>>
}

export type StaticListener = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * True when the request was for a page or one of its files. Without a built folder nothing is.
 *
 * A browser at a path that nobody knows gets the page with status 404: it says so, and leads back.
 */
export function createStaticListener(folder: string): StaticListener {
  const files = new Map<string, StaticFile>()
  if (!existsSync(path.join(folder, 'index.html'))) return () => false
  for (const name of namesIn(folder)) files.set(`/${name}`, readStatic(folder, name))
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const [pathname = '/'] = (request.url ?? '/').split('?')
    const file = files.get(PAGE.test(pathname) ? PAGE_FILE : pathname)
    if (file !== undefined) {
      send(file, request, response)
      return true
    }
    const page = files.get(PAGE_FILE)
    if (page === undefined || !wantsPage(request)) return false
    write(page, request, response, 404)
    return true
  }
}

/** Programs ask for anything, or for JSON: they get a problem document from elsewhere. */
function wantsPage(request: IncomingMessage): boolean {
  return /\btext\/html\b/.test(String(request.headers.accept ?? ''))
}

function namesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .map((name) => name.split(path.sep).join('/'))
}

function readStatic(folder: string, name: string): StaticFile {
  const identity = readFileSync(path.join(folder, name))
  const isHashed = name.startsWith('assets/')
  return {
    body: { identity, gzip: gzipSync(identity, { level: 9 }), br: brotli(identity) },
    headers: {
      'content-type': types[path.extname(name)] ?? 'application/octet-stream',
      'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 27)}"`,
      vary: 'accept-encoding',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    },
  }
}

/** A middling level: it is done at each start, and the last percents take seconds. */
function brotli(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
}

function send(file: StaticFile, request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['if-none-match']?.includes(file.headers['etag'] ?? '"') === true) {
    response.writeHead(304, file.headers).end()
    return
  }
  write(file, request, response, 200)
}

function write(
  file: StaticFile,
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
): void {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : 'identity'
  const body = file.body[encoding]
  response.writeHead(status, {
    ...file.headers,
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    'content-length': body.length,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
