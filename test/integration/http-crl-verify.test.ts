/**
 * OpenSSL (like RFC 5280 §6.3.3 f) takes a CRL only from a signer under the very anchor of the path. So the relying
 * party is its own anchor: it certifies the registry's root, and the responder's key under the issuers' names, with a
 * CA nobody else has. Every step is a stock openssl command, as docs/relying-parties.md has them.
 */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePem } from '../../src/pki/pem'
import { type RecordedService, startRecordedService } from '../support/recorded-service'
import { story } from '../support/story'

const run = promisify(execFile)
const CERTIFIED = ['person', 'agent', 'service', 'organisation'] as const
const OWN_LISTS = `[ca]
default_ca = own
[own]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 30
`

let service: RecordedService
let directory: string

beforeAll(async () => {
  service = await startRecordedService()
  directory = await mkdtemp(path.join(tmpdir(), 'crl-verify-'))
  await save('responder.pem', encodePem('CERTIFICATE', service.signer.certificate))
  for (const name of CERTIFIED) {
    await save(`${name}.pem`, await download(`/autoid/${story[name]}.pem`))
  }
  for (const name of ['person', 'organisation'] as const) {
    await save('direct.der', await download(`/crl/${story[name]}.direct.crl`))
    await openssl(...words(`crl -inform DER -in direct.der -out ${name}.crl`))
  }
  await makeOwnAnchor()
})

afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

const save = (name: string, text: string | Uint8Array) =>
  writeFile(path.join(directory, name), text)
const words = (text: string) => text.split(' ')

async function download(target: string): Promise<Buffer> {
  const response = await fetch(`${service.url}${target}`)
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

async function openssl(...args: string[]): Promise<string> {
  const done = await run('openssl', args, { cwd: directory, timeout: 60_000 }).catch(
    (error: { stdout: string; stderr: string }) => error,
  )
  return done.stdout + done.stderr
}

async function makeOwnAnchor(): Promise<void> {
  const key = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout my.key'
  await openssl(...words(`${key} -out my-ca.pem -days 30 -subj`), '/CN=my own anchor')
  await save('own.cnf', OWN_LISTS)
  await save('index.txt', '')
  await save('crlnumber', '01')
  await openssl(...words('ca -gencrl -config own.cnf -keyfile my.key -cert my-ca.pem -out my.crl'))
  const shown = await openssl(
    ...words('x509 -in organisation.pem -noout -ext subjectKeyIdentifier'),
  )
  const keyId = shown.trim().split(/\s+/).pop()
  await save(
    'ca.ext',
    `basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=${keyId}\n`,
  )
  await save(
    'crl.ext',
    'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,cRLSign\nsubjectKeyIdentifier=hash\n',
  )
  const untrusted = [
    await certify('organisation.pem', 'organisation.pem', 'ca.ext'),
    await openssl(...words('x509 -in person.pem')),
    await certify('responder.pem', 'person.pem', 'crl.ext'),
    await certify('responder.pem', 'organisation.pem', 'crl.ext'),
  ]
  await save('untrusted.pem', untrusted.join(''))
}

/** A certificate of our own CA for the key of one certificate under the subject of another. */
async function certify(keyOf: string, subjectOf: string, extensions: string): Promise<string> {
  await save('key.pub', await openssl(...words(`x509 -in ${keyOf} -pubkey -noout`)))
  const shown = await openssl(...words(`x509 -in ${subjectOf} -noout -subject -nameopt compat`))
  const subject = shown.trim().replace(/^subject= */, '')
  await openssl(
    ...words('x509 -new -force_pubkey key.pub -CA my-ca.pem -CAkey my.key -days 20 -out made.pem'),
    ...['-extfile', extensions, '-subj', subject],
  )
  return openssl(...words('x509 -in made.pem'))
}

const verify = (leaf: string, lists: string[], check = '-crl_check', anchor = 'my-ca.pem') =>
  openssl(
    ...words(`verify -CAfile ${anchor} -untrusted untrusted.pem -extended_crl ${check}`),
    ...lists.flatMap((list) => ['-CRLfile', list]),
    `${leaf}.pem`,
  )

test.each([
  ['service', 'person.crl'],
  ['person', 'organisation.crl'],
])('takes a certificate that is good: %s by the list in %s', async (leaf, list) => {
  expect(await verify(leaf, [list])).toBe(`${leaf}.pem: OK\n`)
})

test('refuses the revoked one, naming the reason', async () => {
  expect(await verify('agent', ['person.crl'])).toContain('certificate revoked')
})

test("does not take the list without the relying party's own anchor", async () => {
  const said = await verify('service', ['person.crl'], '-crl_check', 'organisation.pem')
  expect(said).not.toContain('OK')
})

test('-crl_check_all takes a whole path by the lists of each issuer, and refuses without one of them', async () => {
  const all = ['person.crl', 'organisation.crl', 'my.crl']
  expect(await verify('service', all, '-crl_check_all')).toBe('service.pem: OK\n')
  expect(await verify('agent', all, '-crl_check_all')).toContain('certificate revoked')
  expect(await verify('service', ['person.crl', 'my.crl'], '-crl_check_all')).toContain(
    'unable to get certificate CRL',
  )
})
