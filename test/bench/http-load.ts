/** A load generator in a process of its own: `http-load <JSON>`; prints good answers a second. */

import autocannon from 'autocannon'

export type LoadOptions = {
  readonly url: string
  readonly seconds: number
  readonly connections: number
  /** Base64; sent by POST as an OCSP request. */
  readonly body?: string
}

async function main(options: LoadOptions): Promise<void> {
  const result = await autocannon({
    url: options.url,
    connections: options.connections,
    duration: options.seconds,
    ...(options.body === undefined
      ? {}
      : {
          method: 'POST' as const,
          body: Buffer.from(options.body, 'base64'),
          headers: { 'content-type': 'application/ocsp-request' },
        }),
  })
  process.stdout.write(String(result['2xx'] / result.duration))
}

if (require.main === module) void main(JSON.parse(process.argv[2] ?? '{}') as LoadOptions)
