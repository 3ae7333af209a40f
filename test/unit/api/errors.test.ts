import { buildSchema, execute, GraphQLError, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createMaskError } from '../../../src/api/errors'
import { createOncePerHead } from '../../../src/api/once-per-head'
import { AppError } from '../../../src/errors'

describe('createMaskError', () => {
  const logged: unknown[] = []
  const mask = createMaskError((facts) => logged.push(facts))
  const wrapped = (originalError: Error) => new GraphQLError('x', { path: ['a', 1], originalError })

  test('our own failures keep code, message and facts', () => {
    const error = mask(wrapped(new AppError('NOT_FOUND', 'no such', { argument: 'id' })))
    expect(error).toMatchObject({
      message: 'no such',
      path: ['a', 1],
      extensions: { code: 'NOT_FOUND', argument: 'id', retryable: false },
    })
  })

  test('errors of GraphQL itself pass', () => {
    const error = new GraphQLError('Syntax Error', { extensions: { code: 'X' } })
    expect(mask(error)).toBe(error)
  })

  test('an operation of a kind that the schema lacks gets a code, too', async () => {
    const document = parse('mutation { autoId }')
    const { errors = [] } = await execute({
      schema: buildSchema('type Query { a: Int }'),
      document,
    })
    expect(errors.map(mask)).toMatchObject([
      {
        message: 'Schema is not configured to execute mutation operation.',
        extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
      },
    ])
  })

  test('anything else says nothing but an id, by which the log has it', () => {
    const secret = new Error('password is hunter2')
    const error = mask(wrapped(secret)) as GraphQLError
    expect(JSON.stringify(error)).not.toContain('hunter2')
    expect(error.extensions['code']).toBe('INTERNAL_SERVER_ERROR')
    expect(logged).toEqual([
      { errorId: error.extensions['errorId'], error: secret, path: ['a', 1] },
    ])
  })
})

describe('createOncePerHead', () => {
  test('computes once for a head, again for the next, and again after a failure', async () => {
    const once = createOncePerHead()
    let computed = 0
    const count = (head: string) => once(head, 'n', async () => ++computed)
    expect([await count('a'), await count('a'), await count('b')]).toEqual([1, 1, 2])
    await expect(once('b', 'm', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect(await once('b', 'm', async () => 'there')).toBe('there')
  })
})
