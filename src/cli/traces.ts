/** Traces of a whole process, where the settings name a collector. */

import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../config'
import { startTraces } from '../ops/traces'
import { requestIdOf } from '../request-id'

export function traceProcess(
  service: string,
  { otlpEndpoint: endpoint }: Pick<Config, 'otlpEndpoint'>,
): ReturnType<typeof startTraces> {
  const text = readFileSync(path.resolve(__dirname, '..', '..', 'package.json'), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  return startTraces({ endpoint, service, version, requestIdOf })
}
