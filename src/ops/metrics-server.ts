/** `/metrics` of a process that answers nothing else. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Rendered = { readonly contentType: string; readonly render: () => Promise<string> }

export type MetricsServer = { readonly url: string; close(): Promise<void> }

/** Fails as `listen` does when the port is taken. */
export async function serveMetrics(
  { contentType, render }: Rendered,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<MetricsServer> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 10_000 },
    (request, response) => {
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end()
        return
      }
      render().then(
        (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
        () => response.writeHead(500).end(),
      )
    },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
