/** What only trying tells of a setting: files that must be readable, an address that must be free. */

import { once } from 'node:events'
import { createServer } from 'node:net'
import { loadAssurancePolicy } from '../api/assurance-policy'
import type { Config } from '../config'
import { AppError } from '../errors'
import { loadSigner } from '../http/signer'
import { readRegistries } from '../registries'

/** @throws {AppError} BAD_USER_INPUT, one line, for a file that a setting names and that cannot be used. */
export async function checkFiles(config: Config): Promise<void> {
  const further = readRegistries().map((registry) => registry.config)
  for (const own of [config, ...further]) {
    const { responderKey: keyFile, responderCert: certFile, dataDir, assurancePolicy } = own
    if (keyFile !== null) await loadSigner({ dataDir, keyFile, certFile, nowMs: Date.now() })
    loadAssurancePolicy(assurancePolicy)
  }
  const { trustedDocuments } = config
  if (trustedDocuments !== null) {
    // The whole schema hangs on it: not loaded for nothing.
    const { loadTrustedDocuments } = await import('../api/trusted-documents.js')
    loadTrustedDocuments(trustedDocuments)
  }
}

/** @throws {AppError} BAD_USER_INPUT, one line, when the API cannot listen where it shall. */
export async function checkAddress(config: Config): Promise<void> {
  const server = createServer()
  try {
    server.listen(config.port, config.host)
    await once(server, 'listening')
  } catch (error) {
    throw listenProblem(error, config)
  }
  server.close()
  await once(server, 'close')
}

/** A failure to listen in terms of the setting that must change; any other error as it is. */
export function listenProblem(error: unknown, { port, host }: Config): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    const message = `PORT is ${port}: another program listens there, name a free one`
    return new AppError('BAD_USER_INPUT', message, {}, { cause: error })
  }
  if (code === 'EACCES') {
    const message = `PORT is ${port}: not allowed to listen there, name one above 1023`
    return new AppError('BAD_USER_INPUT', message, {}, { cause: error })
  }
  if (typeof code === 'string' && NO_ADDRESS.test(code)) {
    const message = `HOST is "${host}": expected an address of this machine`
    return new AppError('BAD_USER_INPUT', message, {}, { cause: error })
  }
  return error
}

const NO_ADDRESS = /^(EADDRNOTAVAIL|ENOTFOUND|EAI_\w+|EINVAL)$/
