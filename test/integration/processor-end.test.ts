/** How a processor ends, closed or killed, and what the next one finds. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pino } from 'pino'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startProcessor } from '../../src/main'
import { digestOf } from '../support/dump'
import { chainDir, LiveIndex, settingsOf } from '../support/live-index'
import { startSwitchedProxy } from '../support/switched-proxy'
import { until } from '../support/until'

let live: LiveIndex
beforeEach(async () => {
  live = await LiveIndex.open()
})
afterEach(() => live.close())

describe('close', () => {
  // A transaction that is repeated without end was waited for: SIGTERM in an outage ended nothing.
  test('ends while the database is away, and the next start goes on', async () => {
    const proxy = await startSwitchedProxy(live.databaseUrl)
    proxy.turn(true)
    const devnet = await live.node({ chainDir, initialHeight: 50 })
    const warned: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) })
    const processor = await startProcessor(
      { ...settingsOf(proxy.url, [devnet.wsUrl]), headPollMs: 10 },
      log,
    )
    await live.untilHeight(50)
    proxy.turn(false)
    devnet.advance(5)
    const isRetrying = () => warned.filter((line) => line.includes('trying again')).length > 1
    await until(isRetrying)
    await processor.close()
    await proxy.close()
    await live.start(devnet.wsUrl)
    await live.untilHeight(55)
  })
})

describe('a killed processor', () => {
  // Builds what the children run.
  beforeAll(() => execFileSync(process.execPath, ['bin/auto-registry.js', 'help']))

  test('is followed by one that leaves the index as if nothing had happened', async () => {
    const devnet = await live.node({ chainDir, latencyMs: 20, initialHeight: 0 })
    const timer = setInterval(() => devnet.advance(1), 25)
    for (let kill = 0; kill < 5; kill++) {
      const child = run(devnet.wsUrl)
      await live.untilHeight((kill + 1) * 40)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const last = run(devnet.wsUrl)
    await live.untilHeight(282)
    last.kill('SIGTERM')
    expect(await once(last, 'exit')).toEqual([0, null])
    clearInterval(timer)

    const undisturbed = await LiveIndex.open()
    await undisturbed.start(devnet.wsUrl)
    await undisturbed.untilHeight(282)
    expect(await digestOf(live.client)).toEqual(await digestOf(undisturbed.client))
    await undisturbed.close()
  })
})

function run(url: string): ChildProcess {
  return spawn(process.execPath, ['lib/cli/index.js', 'processor'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DATABASE_URL: live.databaseUrl, RPC_ENDPOINT: url, LOG_LEVEL: 'error' },
  })
}
