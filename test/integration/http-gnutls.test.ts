/** GnuTLS, which shares nothing with openssl or us, asks for OCSP answers and CRLs, reads and verifies them. */

import { execFile } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RecordedService, startRecordedService } from '../support/recorded-service'
import { story } from '../support/story'

const run = promisify(execFile)

let service: RecordedService
let directory: string

beforeAll(async () => {
  service = await startRecordedService()
  directory = await mkdtemp(path.join(tmpdir(), 'gnutls-test-'))
  await download('/responder.pem', 'responder.pem')
  for (const name of ['person', 'agent', 'service'] as const) {
    await download(`/autoid/${story[name]}.pem`, `${name}.pem`)
  }
})

afterAll(async () => {
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

async function download(target: string, name: string): Promise<void> {
  const response = await fetch(`${service.url}${target}`)
  expect(response.status).toBe(200)
  await writeFile(path.join(directory, name), Buffer.from(await response.arrayBuffer()))
}

/** What a tool says, whatever its exit code; the code itself as the last line. */
async function tool(name: 'ocsptool' | 'certtool', ...args: string[]): Promise<string> {
  const said = (out: { stdout: string; stderr: string }, code: number) =>
    `${out.stdout}${out.stderr}\nexit ${code}`
  try {
    return said(await run(name, args, { cwd: directory, timeout: 30_000 }), 0)
  } catch (error) {
    const failed = error as { stdout: string; stderr: string; code: number }
    if (failed.stdout === undefined) throw error
    return said(failed, failed.code)
  }
}

describe('ocsptool', () => {
  const ask = (leaf: string, signer = 'responder.pem') => {
    const subject = ['--load-cert', `${leaf}.pem`, '--load-issuer', 'person.pem']
    const options = ['--load-signer', signer, '--outfile', `${leaf}.ocsp`]
    return tool('ocsptool', `--ask=${service.url}/ocsp`, '--nonce', ...subject, ...options)
  }

  test('verifies the answer and its nonce, and reads good and revoked', async () => {
    const good = await ask('service')
    expect(good).toContain('Certificate Status: good')
    expect(good).toContain('Verifying OCSP Response: Success.')
    expect(good).toMatch(/Nonce: [0-9a-f]{46}/)
    const revoked = await ask('agent')
    expect(revoked).toContain('Certificate Status: revoked')
    expect(revoked).toContain('Revocation time: Thu Nov 19 19:25:54 UTC 2026')
    expect(revoked).toContain('Verifying OCSP Response: Success.')
  })

  test("does not take it for another signer's, or changed", async () => {
    expect(await ask('service', 'person.pem')).toContain('Signer cert is not trusted')
    await ask('service')
    const verify = (file: string) =>
      tool(
        'ocsptool',
        '--verify-response',
        '--load-response',
        file,
        '--load-signer',
        'responder.pem',
      )
    expect(await verify('service.ocsp')).toContain('Verifying OCSP Response: Success.')
    const der = await readFile(path.join(directory, 'service.ocsp'))
    const status = der.indexOf(Buffer.from('8000', 'hex'))
    expect(status).toBeGreaterThan(0)
    // GOOD becomes UNKNOWN, the rest stays.
    der[status] = 0x82
    await writeFile(path.join(directory, 'changed.ocsp'), der)
    expect(await verify('changed.ocsp')).toContain('Verifying OCSP Response: Failure')
  })
})

/** GnuTLS takes a CRL from CAs alone: the relying party says so of our key, in a certificate of its own. */
async function certifyResponder(): Promise<void> {
  const save = (name: string, text: string) => writeFile(path.join(directory, name), text)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await save('own.key', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
  const responder = new X509Certificate(await readFile(path.join(directory, 'responder.pem')))
  await save('key.pub', responder.publicKey.export({ format: 'pem', type: 'spki' }).toString())
  const [organisation = '', name = ''] = responder.subject
    .split('\n')
    .map((part) => part.slice(part.indexOf('=') + 1))
  await save(
    'signer.cfg',
    `organization = "${organisation}"\ncn = "${name}"\nca\ncrl_signing_key\nexpiration_days = 30\n`,
  )
  await save('own.cfg', 'cn = "my own anchor"\nca\ncert_signing_key\nexpiration_days = 30\n')
  const own = ['--load-privkey', 'own.key', '--template', 'own.cfg', '--outfile', 'own.pem']
  expect(await tool('certtool', '--generate-self-signed', ...own)).toContain('exit 0')
  const signer = ['--load-pubkey', 'key.pub', '--template', 'signer.cfg']
  const by = ['--load-ca-certificate', 'own.pem', '--load-ca-privkey', 'own.key']
  const output = ['--outfile', 'signer.der', '--outder']
  const made = await tool('certtool', '--generate-certificate', ...signer, ...by, ...output)
  expect(made).toContain('exit 0')
}

describe('certtool', () => {
  const verify = (file: string) => {
    const signer = ['--load-ca-certificate', 'signer.der']
    return tool('certtool', '--verify-crl', ...signer, '--inder', '--infile', file)
  }

  test('verifies a CRL and reads its number, dates and entries; a changed one it refuses', async () => {
    await certifyResponder()
    await download(`/crl/${story.person}.crl`, 'person.crl')
    const said = await verify('person.crl')
    expect(said).toContain('Verification output: Verified.')
    expect(said).toMatch(/CRL Number \(not critical\): [0-9a-f]+/)
    expect(said).toContain('Revoked certificates (1)')
    expect(said).toContain('Revoked at: Thu Nov 19 19:25:54 UTC 2026')
    const { serialNumber } = new X509Certificate(await readFile(path.join(directory, 'agent.pem')))
    expect(said).toContain(`Serial Number (hex): ${serialNumber.toLowerCase()}`)
    const der = await readFile(path.join(directory, 'person.crl'))
    const place = der.indexOf(Buffer.from(serialNumber, 'hex'))
    expect(place).toBeGreaterThan(0)
    der[place] = (der[place] ?? 0) ^ 1
    await writeFile(path.join(directory, 'changed.crl'), der)
    expect(await verify('changed.crl')).toMatch(/Verification output: Not verified\./)
  })
})
