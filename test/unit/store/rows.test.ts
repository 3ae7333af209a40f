import { describe, expect, test } from 'vitest'
import { columnName, jsonChunks, propertyName, rowToJson } from '../../../src/store/rows'

describe('rowToJson', () => {
  test('writes what the input functions of Postgres read', () => {
    const row = {
      autoId: '0xaa',
      signature: Uint8Array.of(0, 255),
      fee: 2n ** 200n,
      notAfter: new Date(0),
      wrappers: ['Utility.batch'],
      blockTo: null,
      eventTo: undefined,
    }
    expect(JSON.parse(rowToJson(row))).toEqual({
      auto_id: '0xaa',
      signature: '\\x00ff',
      fee: (2n ** 200n).toString(),
      not_after: '1970-01-01T00:00:00.000Z',
      wrappers: ['Utility.batch'],
    })
  })

  test('keeps the view of a buffer, not what lies around it', () => {
    const view = Uint8Array.of(1, 2, 3, 4).subarray(1, 3)
    expect(JSON.parse(rowToJson({ tbs: view }))).toEqual({ tbs: '\\x0203' })
  })

  test('replaces what Postgres text cannot hold: NUL and halves of surrogate pairs', () => {
    const row = { subject: 'a\u0000b\ud800c', facts: { name: '\udfff' } }
    expect(JSON.parse(rowToJson(row))).toEqual({
      subject: 'a\ufffdb\ufffdc',
      facts: { name: '\ufffd' },
    })
  })

  test('leaves alone what only looks like an escape, and whole pairs', () => {
    const subject = '\\u0000 \\\\u0000 \\ud800 \u{1f600} \u0001 "'
    expect(JSON.parse(rowToJson({ subject }))).toEqual({ subject })
  })
})

describe('jsonChunks', () => {
  test('gives nothing for no rows', () => {
    expect([...jsonChunks([])]).toEqual([])
  })

  test('splits rows that together are too long for a statement, and loses none', () => {
    const rows = Array.from({ length: 5 }, (_, id) => ({ id, text: 'x'.repeat(3_000_000) }))
    const chunks = [...jsonChunks(rows)].map((chunk) => JSON.parse(chunk) as { id: number }[])
    expect(chunks.map((chunk) => chunk.map(({ id }) => id))).toEqual([[0, 1], [2, 3], [4]])
  })
})

describe('columnName', () => {
  test.each([
    ['autoId', 'auto_id'],
    ['publicKeySha256', 'public_key_sha256'],
    ['commonNameBytes', 'common_name_bytes'],
    ['block', 'block'],
    ['event_to', 'event_to'],
  ])('%s is %s', (property, column) => {
    expect(columnName(property)).toBe(column)
  })
})

describe('propertyName', () => {
  test.each([
    ['auto_id', 'autoId'],
    ['public_key_sha256', 'publicKeySha256'],
    ['ss58_prefix', 'ss58Prefix'],
    ['block', 'block'],
  ])('%s is %s', (column, property) => {
    expect(propertyName(column)).toBe(property)
  })
})
