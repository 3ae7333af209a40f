/** What strangers can send: GraphQL documents, OCSP requests and any HTTP request. No 5xx, nothing of our insides. */

import { readFileSync } from 'node:fs'
import { buildSchema } from 'graphql'
import type { Random } from '../../src/devnet/maker/random'
import { parseCertificate } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest, parseOcspRequest } from '../../src/pki/ocsp-request'
import type { TestApi } from '../support/api'
import * as make from '../support/certificates'
import type { Service } from '../support/relying-party-service'
import { DocumentMaker } from './graphql-documents'
import { mutateBytes, mutateText } from './mutate'
import { expectSameSerials, opensslRequestSerials } from './openssl'
import { refuses, type Target } from './target'

/** Identifiers that are indexed, and texts that are nearly something. */
export type Known = { readonly autoIds: readonly string[]; readonly serials: readonly string[] }

export function serviceTargets(api: TestApi, service: Service, known: Known): Target[] {
  const texts = [
    ...known.autoIds,
    ...known.serials,
    '',
    '0x',
    '0x00',
    'AutoId',
    '2026-09-01T00:10:00.000Z',
    '9999-12-31T23:59:59.999Z',
    'not a date',
    '\u0000',
    '\ud800',
    '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----',
    '99999999999999999999999999',
    'x'.repeat(300),
  ]
  const documents = new DocumentMaker(buildSchema(readFileSync('api.graphql', 'utf8')), texts)
  return [
    { name: 'graphql', run: (random) => graphql(random, api, documents) },
    { name: 'ocsp', run: (random) => ocsp(random, service) },
    { name: 'http', run: (random) => http(random, service, texts) },
  ]
}

async function graphql(random: Random, api: TestApi, documents: DocumentMaker): Promise<boolean> {
  const document = documents.make(random)
  const query = random.chance(0.3) ? mutateText(random, document) : document
  const body = JSON.stringify({ query, variables: random.chance(0.1) ? { x: [] } : {} })
  const logged = api.logged.length
  const response = await api.fetch('http://test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: random.chance(0.05) ? mutateText(random, body) : body,
  })
  const text = await response.text()
  if (api.logged.length > logged) {
    const [entry] = api.logged.splice(logged)
    throw new Error(
      `${query}\n${String((entry?.facts['error'] as Error)?.stack ?? entry?.message)}`,
    )
  }
  assertDecent(response, text, query)
  return response.status === 200 && !text.includes('"errors"')
}

const root = make.makeRoot()
const { subject, spki } = parseCertificate(root.der)

async function ocsp(random: Random, service: Service): Promise<boolean> {
  const certIds = Array.from({ length: 1 + random.below(3) }, () => {
    const serial = random.chance(0.5) ? Uint8Array.of(random.below(256)) : random.bytes(20)
    return encodeCertId(random.pick(['sha1', 'sha256']), subject, spki, serial)
  })
  const nonce = random.chance(0.5) ? random.bytes(32) : undefined
  const request = encodeOcspRequest(certIds, nonce)
  const bytes = random.chance(0.7) ? mutateBytes(random, request) : request
  const isRead = await refuses(() => {
    const serials = parseOcspRequest(bytes).certIds.map(({ serialNumber }) => serialNumber)
    expectSameSerials(serials, opensslRequestSerials(bytes))
  }, ['DerError', 'CertificateError'])
  const get = `${service.url}/ocsp/${encodeURIComponent(Buffer.from(bytes).toString('base64'))}`
  const asked = random.chance(0.5)
    ? new Request(get)
    : new Request(`${service.url}/ocsp`, {
        method: 'POST',
        headers: { 'content-type': 'application/ocsp-request' },
        body: Buffer.from(bytes),
      })
  const response = await service.handler(asked)
  if (response === undefined) throw new Error(`nobody answers ${asked.url}`)
  assertDecent(response, await response.text(), asked.url)
  return isRead
}

const PATHS = [
  '/status/ID',
  '/crl/ID.crl',
  '/crl/ID.direct.crl',
  '/autoid/ID.pem',
  '/autoid/ID.jwks.json',
  '/autoid/ID/did.json',
  '/autoid/ID/.well-known/openid-configuration',
  '/status-list/0',
  '/status-list/of/ID',
  '/responder.pem',
  '/healthz',
  '/readyz',
  '/ocsp/ID',
]
const QUERIES = ['', '?at=', '?height=', '?serial=', '?download=', '?policy=']
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST']

async function http(random: Random, service: Service, texts: readonly string[]): Promise<boolean> {
  const id = random.chance(0.7) ? random.pick(texts) : mutateText(random, random.pick(texts))
  const query = random.pick(QUERIES)
  const value = query === '' ? '' : encode(random.pick(texts))
  const path = random.pick(PATHS).replace('ID', encode(id)) + query + value
  const method = random.pick(METHODS)
  const request = new Request(`${service.url}${path}`, {
    method,
    headers: random.chance(0.2) ? { 'if-none-match': '"x"', accept: '*/*;q=' } : {},
    ...(method === 'POST' ? { body: Buffer.from(random.bytes(random.below(200))) } : {}),
  })
  const response = await service.handler(request)
  if (response === undefined) return false
  assertDecent(response, await response.text(), `${method} ${path}`)
  return response.status < 400
}

function encode(text: string): string {
  // Half a surrogate pair has no encoding.
  return encodeURIComponent(Buffer.from(text).toString())
}

/** No failure of ours, no line of a stack. */
function assertDecent(response: Response, text: string, what: string): void {
  if (response.status >= 500)
    throw new Error(`${response.status} for ${what}: ${text.slice(0, 500)}`)
  if (/\n\s+at .*[.](js|ts):\d+/.test(text)) throw new Error(`a stack trace for ${what}`)
}
