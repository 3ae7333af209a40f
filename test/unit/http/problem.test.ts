import { pino } from 'pino'
import { expect, test } from 'vitest'
import { problemOf } from '../../../src/http/problem'

// Tried with the key `error`, which pino writes as `{}`: the reference leads to a line that says nothing.
test('what nobody is told stands in the log, with its cause, under the reference that was given', async () => {
  const lines: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => lines.push(line) })
  const response = problemOf(new TypeError('the cause'), log)
  const text = await response.text()
  expect(response.status).toBe(500)
  expect(text).not.toContain('cause')
  const { id, err } = JSON.parse(lines[0] ?? '{}') as { id: string; err?: Record<string, string> }
  expect(text).toContain(id)
  expect(err).toMatchObject({ type: 'TypeError', message: 'the cause' })
  expect(err?.['stack']).toContain('problem.test.ts')
})
