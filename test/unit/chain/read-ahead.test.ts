import { expect, test } from 'vitest'
import { readAhead } from '../../../src/chain/read-ahead'

/** Most works that were under way or waiting while 100 results of one weight were taken one by one; the first ones are of a weight nobody knows. */
async function mostAhead(weightOfEach: number): Promise<{ results: number[]; ahead: number }> {
  let begun = 0
  let ahead = 0
  const results: number[] = []
  const limits = { most: 10, weight: 100, weigh: () => weightOfEach }
  const items = Array.from({ length: 100 }, (_, i) => i)
  const work = async (item: number) => {
    begun++
    return item
  }
  for await (const result of readAhead(items, limits, work)) {
    results.push(result)
    if (result > 5) ahead = Math.max(ahead, begun - results.length)
  }
  return { results, ahead }
}

const inOrder = Array.from({ length: 100 }, (_, i) => i)

test('light results are read ahead up to the number allowed, in order', async () => {
  expect(await mostAhead(1)).toEqual({ results: inOrder, ahead: 9 })
  expect(await mostAhead(0)).toEqual({ results: inOrder, ahead: 9 })
})

test('heavy results are read ahead as many as weigh no more than allowed together', async () => {
  expect(await mostAhead(20)).toEqual({ results: inOrder, ahead: 4 })
})

test('of results however heavy one is read while another one is used', async () => {
  expect(await mostAhead(1_000_000)).toEqual({ results: inOrder, ahead: 1 })
})

test('a failure is thrown in its turn, after the results before it', async () => {
  const taken: number[] = []
  const work = async (item: number) => {
    if (item === 3) throw new Error('no third')
    return item
  }
  const limits = { most: 10, weight: 100, weigh: () => 1 }
  const reading = (async () => {
    for await (const result of readAhead([1, 2, 3, 4, 5], limits, work)) taken.push(result)
  })()
  await expect(reading).rejects.toThrow('no third')
  expect(taken).toEqual([1, 2])
})
