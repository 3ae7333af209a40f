/** `auto-registry make-chain PLAN SIZE DIRECTORY [--seed N]`: a chain of any size for the devnet to serve. */

import { parseArgs } from 'node:util'
import { plans, writeChain } from '../devnet/maker/write-chain'
import { AppError } from '../errors'
import { sampleChain } from './sample-chain'

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { seed: { type: 'string', default: '1' } },
    allowPositionals: true,
  })
  const [name = '', size = '', directory = ''] = positionals
  const makePlan = plans[name]
  const wanted = Number(size)
  if (!makePlan || !Number.isInteger(wanted) || wanted < 1 || directory === '') {
    const names = Object.keys(plans).join(' | ')
    throw new AppError('BAD_USER_INPUT', `usage: make-chain ${names} SIZE DIRECTORY [--seed N]`)
  }
  const plan = makePlan(wanted, Number(values.seed))
  const started = Date.now()
  await writeChain(plan, directory, sampleChain, (height) => {
    if (height > 0 && height % 5000 === 0) console.log(`${height} of ${plan.blocks} blocks`)
  })
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`${directory}: ${plan.blocks + 1} blocks in ${seconds} s`)
  return 0
}
