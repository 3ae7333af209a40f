import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/api/limits'
import { encodeCursor, pageQuery, toPage } from '../../../src/api/paging'
import { AppError } from '../../../src/errors'

const query = (args: object) => pageQuery(args, 'BY_NAME', defaultLimits)

function argumentRefused(args: object): unknown {
  try {
    query(args)
  } catch (error) {
    if (error instanceof AppError) return error.facts['argument']
    throw error
  }
  return undefined
}

describe('pageQuery', () => {
  test('forward from the beginning, the default size, when nothing is given', () => {
    expect(query({})).toEqual({ order: 'BY_NAME', limit: 100, backward: false, cursor: null })
  })

  test('reads back the cursor that was written, of one or more keys', () => {
    const cursor = encodeCursor('BY_NAME', ['é', 12, ''])
    expect(query({ first: 3, after: cursor })).toMatchObject({ limit: 3, cursor: ['é', 12, ''] })
    expect(query({ last: 3, before: cursor })).toMatchObject({
      backward: true,
      cursor: ['é', 12, ''],
    })
  })

  test.each([
    ['of another order', encodeCursor('BY_AGE', ['a'])],
    ['without keys', encodeCursor('BY_NAME', [])],
    [
      'with a key that is no text and no whole number',
      Buffer.from('["BY_NAME",1.5]').toString('base64url'),
    ],
    ['with spaces that were not written', Buffer.from('["BY_NAME", "a"]').toString('base64url')],
    ['of other Base64', `${encodeCursor('BY_NAME', ['a'])}=`],
    ['that is no JSON', 'AAAA'],
    ['of endless length', 'A'.repeat(100_000)],
    ['that is empty', ''],
  ])('refuses a cursor %s', (_, after) => {
    expect(argumentRefused({ after })).toBe('after')
  })

  test.each([
    [{ first: -1 }, 'first'],
    [{ first: 1_001 }, 'first'],
    [{ last: 1_001 }, 'last'],
    [{ first: 1, last: 1 }, 'last'],
    [{ first: 1, before: 'x' }, 'before'],
    [{ last: 1, after: 'x' }, 'after'],
  ])('refuses %j', (args, argument) => {
    expect(argumentRefused(args)).toBe(argument)
  })
})

describe('toPage', () => {
  const rows = {
    rows: [
      { row: 'a', keys: ['a'] },
      { row: 'b', keys: ['b'] },
    ],
    hasMore: true,
  }
  const page = (backward: boolean, cursor: string[] | null) =>
    toPage(
      rows,
      { order: 'BY_NAME', limit: 2, backward, cursor },
      (row) => row,
      async () => 9,
    ).pageInfo

  test('says what lies beyond, and that something lies behind a cursor', () => {
    expect(page(false, null)).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    expect(page(false, ['0'])).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
    expect(page(true, null)).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    expect(page(true, ['z'])).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  })

  test('gives the cursors of its first and last row', () => {
    expect(page(false, null)).toMatchObject({
      startCursor: encodeCursor('BY_NAME', ['a']),
      endCursor: encodeCursor('BY_NAME', ['b']),
    })
  })
})
