/** A service that answers OCSP on a real socket and says what it is told to. */

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { loadSigner, type ResponderSigner } from '../../src/http/signer'
import { type CertStatus, encodeOcspResponse, type Signer } from '../../src/pki/ocsp-encode'
import { parseOcspRequest } from '../../src/pki/ocsp-request'

export type StatusService = {
  readonly url: string
  readonly signer: ResponderSigner
  /** Of the answers, milliseconds since the epoch; moved by the test alone. */
  now: number
  /** Requests so far. */
  asked: number
  /** About every certificate, or by its serial; a number is an HTTP status. */
  says: CertStatus | ((serial: bigint) => CertStatus) | number
  /** Who signs; another than `signer` makes a forgery. */
  signedBy: Signer
  close(): Promise<void>
}

/** @param lifeMs how long an answer stands */
export async function startStatusService(now: number, lifeMs: number): Promise<StatusService> {
  const directory = await mkdtemp(path.join(tmpdir(), 'status-service-'))
  const signer = await loadSigner({ dataDir: directory, keyFile: null, certFile: null, nowMs: now })
  const server = createServer(async (request, response) => {
    service.asked++
    const { certIds, nonce } = parseOcspRequest(new Uint8Array(await buffer(request)))
    const { says } = service
    if (typeof says === 'number') {
      response.writeHead(says).end()
      return
    }
    const times = { thisUpdateMs: service.now, nextUpdateMs: service.now + lifeMs }
    const singles = certIds.map(({ der, serialNumber }) => ({
      certId: der,
      certStatus: typeof says === 'function' ? says(serialNumber) : says,
      ...times,
    }))
    response.end(encodeOcspResponse(singles, service.now, nonce, service.signedBy))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const service: StatusService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signer,
    now,
    asked: 0,
    says: { status: 'GOOD' },
    signedBy: signer,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
  return service
}
