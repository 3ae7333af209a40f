/** OCSP of the recorded chain as `openssl ocsp` asks for it, verifies it and reads it. */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePem } from '../../src/pki/pem'
import { type Issued, openRecordedOcsp, type RecordedOcsp } from '../support/recorded-ocsp'
import { story } from '../support/story'

const run = promisify(execFile)

let ocsp: RecordedOcsp
let directory: string

beforeAll(async () => {
  ocsp = await openRecordedOcsp()
  directory = await mkdtemp(path.join(tmpdir(), 'ocsp-test-'))
  await save('responder.pem', ocsp.service.signer.certificate)
})

afterAll(async () => {
  await ocsp?.close()
  await rm(directory, { recursive: true, force: true })
})

const save = (name: string, der: Uint8Array) =>
  writeFile(path.join(directory, name), encodePem('CERTIFICATE', der))

async function openssl(...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run('openssl', args, { cwd: directory, timeout: 30_000 })
    return stdout + stderr
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr
  }
}

async function saveBoth(row: Issued): Promise<void> {
  await save('cert.pem', row.der as Buffer)
  await save('issuer.pem', row.issuer_der as Buffer)
}

async function askOpenssl(row: Issued, ...options: string[]): Promise<string> {
  await saveBoth(row)
  return openssl(
    'ocsp',
    '-issuer',
    'issuer.pem',
    ...options,
    '-cert',
    'cert.pem',
    '-url',
    `${ocsp.service.url}/ocsp`,
    '-VAfile',
    'responder.pem',
  )
}

describe('openssl ocsp', () => {
  test('accepts GOOD for the service, by SHA-1 and SHA-256, nonce and all', async () => {
    const row = ocsp.newestOf(story.service)
    for (const digest of ['-sha1', '-sha256']) {
      const said = await askOpenssl(row, digest)
      expect(said).toContain('Response verify OK')
      expect(said).toContain('cert.pem: good')
      expect(said).not.toContain('WARNING')
    }
  })

  test("accepts REVOKED for the agent, and UNKNOWN for a certificate of somebody else's", async () => {
    const agent = await askOpenssl(ocsp.newestOf(story.agent))
    expect(agent).toContain('Response verify OK')
    expect(agent).toContain('cert.pem: revoked')
    expect(agent).toContain('Revocation Time: Nov 19 19:25:54 2026 GMT')
    const foreign = await openssl(
      'ocsp',
      '-issuer',
      'responder.pem',
      '-cert',
      'responder.pem',
      '-url',
      `${ocsp.service.url}/ocsp`,
      '-VAfile',
      'responder.pem',
    )
    expect(foreign).toContain('responder.pem: unknown')
  })

  test('several certificates in one request', async () => {
    const row = ocsp.newestOf(story.service)
    const said = await askOpenssl(row, '-serial', '0x7777', '-cert', 'cert.pem')
    expect(said).toContain('0x7777: unknown')
    expect(said).toContain('cert.pem: good')
  })

  test("refuses the answer without the responder's certificate", async () => {
    await saveBoth(ocsp.newestOf(story.service))
    const said = await openssl(
      'ocsp',
      '-issuer',
      'issuer.pem',
      '-cert',
      'cert.pem',
      '-url',
      `${ocsp.service.url}/ocsp`,
    )
    expect(said).toContain('Response Verify Failure')
  })
})
