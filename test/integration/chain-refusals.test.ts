/** What a node refuses, cannot do or does not answer, and what is made of it. */

import { afterEach, describe, expect, it } from 'vitest'
import { connectChain } from '../../src/chain/connect'
import type { Fault, FaultRequest } from '../../src/devnet/faults'
import type { AppError } from '../../src/errors'
import { connectNode } from '../../src/node/rpc'
import { devnetOf, endAll, endLater, expectCanonical, follow } from '../support/followed-chain'
import { until } from '../support/until'

afterEach(endAll)

describe('what the processor makes of a node', () => {
  const heads = new Set(['chain_getHeader', 'chain_getBlockHash', 'chain_getFinalizedHead'])

  // With the URL itself in messages, the key stood in the public `status { error }` and in the answer to a proof.
  it.each([
    ['a status', { type: 'status', status: 401 }],
    ['words that repeat the key', { type: 'error', code: -1, message: 'bad key s3cr3t-k3y-0000' }],
  ] as const)('tells a node that refuses with %s by its host alone', async (_, fault) => {
    const devnet = await devnetOf({ fault: () => fault })
    const path = '/v2/s3cr3t-k3y-0000?token=t0ken-of-ours'
    const urls = [devnet.url, devnet.wsUrl].map((url) => url.replace('//', '//me:passw0rd@') + path)
    for (const url of urls) {
      const errors: AppError[] = []
      const onError = (error: AppError) => errors.push(error)
      const options = { endpoints: [url], timeoutMs: 300, patienceMs: 400, onError }
      await connectChain(options).catch(onError)
      const rpc = connectNode(options)
      endLater(() => rpc.close())
      await rpc.call('chain_getHeader', []).catch(onError)
      expect(errors.length).toBeGreaterThan(1)
      const told = JSON.stringify(errors.map(({ message, facts }) => ({ message, facts })))
      expect(told).toContain(`127.0.0.1:${devnet.port}`)
      expect(told).not.toMatch(/s3cr3t|t0ken|passw0rd/)
    }
  })

  it('stops, and says what to do, when the node refuses batches', async () => {
    const devnet = await devnetOf({ batches: false })
    // With the time-outs of a start: over WebSocket it is silence that tells, and it must do so before a start gives up.
    for (const url of [devnet.url, devnet.wsUrl]) {
      await expect(connectChain({ endpoints: [url] })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining('Set RPC_BATCH_SIZE'),
      })
    }
    const { database } = await follow([devnet.url], { connect: { batchSize: 1 } })
    await until(() => database.head.height === 282)
  })

  it('stops, and says what to do, when the node limits batches', async () => {
    const devnet = await devnetOf({ batches: 20 })
    await expect(connectChain({ endpoints: [devnet.url] })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/batches of 100 calls. Set RPC_BATCH_SIZE to fewer/),
    })
    const { database } = await follow([devnet.wsUrl], { connect: { batchSize: 20 } })
    await until(() => database.head.height === 282)
  })

  it('stops, asking for an archive node, when the state was pruned', async () => {
    const devnet = await devnetOf({ prunedBelow: 200 })
    const { database, done } = await follow([devnet.url])
    expect(await done).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('archive'),
    })
    expect(database.head.height).toBe(-1)
  })

  it('reads storage one by one from a provider without state_queryStorageAt', async () => {
    const fault = ({ method }: FaultRequest): Fault | undefined =>
      method === 'state_queryStorageAt'
        ? { type: 'error', code: -32601, message: 'Method not found' }
        : undefined
    const devnet = await devnetOf({ fault })
    const { database } = await follow([devnet.url])
    await until(() => database.head.height === 282)
    expectCanonical(database, 282)
  })

  it('asks for fewer blocks at once when an answer is over the node’s limit', async () => {
    const fault = ({ method, batchSize }: FaultRequest): Fault | undefined =>
      method === 'chain_getBlock' && batchSize > 8
        ? { type: 'error', code: -32008, message: 'Response is too big' }
        : undefined
    const devnet = await devnetOf({ fault })
    const { database } = await follow([devnet.url])
    await until(() => database.head.height === 282)
    expectCanonical(database, 282)
  })

  it('asks for fewer blocks at once when larger answers cut the connection', async () => {
    const devnet = await devnetOf({ initialHeight: 60 })
    const { database } = await follow([devnet.wsUrl], {
      afterConnect: () =>
        devnet.setFault(({ method, batchSize }) =>
          method === 'chain_getBlock' && batchSize > 20 ? { type: 'drop' } : undefined,
        ),
    })
    await until(() => database.head.height === 60)
    expectCanonical(database, 60)
  })

  it('repeats what an overloaded node refuses with 503', async () => {
    const devnet = await devnetOf({ initialHeight: 60 })
    const { database, errors } = await follow([devnet.url])
    await until(() => database.head.height === 60)
    let refusals = 3
    devnet.setFault(() => (refusals-- > 0 ? { type: 'status', status: 503 } : undefined))
    devnet.advance(5)
    await until(() => database.head.height === 65)
    expect(errors.every(({ code, retryable }) => code === 'UNAVAILABLE' && retryable)).toBe(true)
  })

  it('gives up a call that hangs and repeats it', async () => {
    let hangs = 3
    const devnet = await devnetOf({ initialHeight: 30 })
    const { database, errors } = await follow([devnet.wsUrl], { connect: { timeoutMs: 300 } })
    await until(() => database.head.height === 30)
    devnet.setFault(({ method }) =>
      heads.has(method) && hangs-- > 0 ? { type: 'hang' } : undefined,
    )
    devnet.advance(5)
    await until(() => database.head.height === 35)
    expect(errors.some(({ message }) => /did not answer|timed out/.test(message))).toBe(true)
  })

  // With one probe the start is refused.
  it('takes a batch that was lost once for lost, not for refused', async () => {
    let losses = 2
    const devnet = await devnetOf({
      initialHeight: 10,
      fault: ({ batchSize }) => (batchSize > 1 && losses-- > 0 ? { type: 'hang' } : undefined),
    })
    const { database } = await follow([devnet.wsUrl], { connect: { timeoutMs: 400 } })
    await until(() => database.head.height === 10)
  })
})
