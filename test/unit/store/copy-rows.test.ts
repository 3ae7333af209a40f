import { describe, expect, test } from 'vitest'
import { copyPieces, propertiesOf } from '../../../src/store/copy-rows'

const lines = (rows: Record<string, unknown>[]) =>
  [...copyPieces(rows, propertiesOf(rows))].join('').split('\n').slice(0, -1)

describe('copyPieces', () => {
  test('writes what the input functions of Postgres read', () => {
    const row = {
      autoId: '0xaa',
      signature: Uint8Array.of(0, 255),
      fee: 2n ** 200n,
      notAfter: new Date(0),
      active: false,
      wrappers: ['Utility.batch', 'a"b\\c'],
      extensions: [],
      facts: { name: 'a\nb' },
      blockTo: null,
    }
    expect(lines([row])).toEqual([
      [
        '0xaa',
        '\\\\x00ff',
        `${2n ** 200n}`,
        '1970-01-01T00:00:00.000Z',
        'false',
        '{"Utility.batch","a\\\\"b\\\\\\\\c"}',
        '[]',
        '{"name":"a\\\\nb"}',
        '\\N',
      ].join('\t'),
    ])
  })

  test('keeps the view of a buffer, not what lies around it', () => {
    expect(lines([{ tbs: Uint8Array.of(1, 2, 3, 4).subarray(1, 3) }])).toEqual(['\\\\x0203'])
  })

  test('lets no text end its field or row, or look like NULL', () => {
    expect(lines([{ a: 'x\ty', b: '\r\n', c: '\\N', d: '\\.' }])).toEqual([
      'x\\ty\t\\r\\n\t\\\\N\t\\\\.',
    ])
  })

  test('replaces what Postgres text cannot hold: NUL and halves of surrogate pairs', () => {
    const [line = ''] = lines([{ subject: 'a\0b\ud800c\u{1f600}', facts: { name: '\udfff\0' } }])
    expect(Buffer.from(line).toString()).toBe(
      'a\ufffdb\ufffdc\u{1f600}\t{"name":"\\\\ufffd\\\\ufffd"}',
    )
  })

  test('a property that some rows lack is NULL there', () => {
    expect(lines([{ id: 1 }, { id: 2, blockTo: 5 }])).toEqual(['1\t\\N', '2\t5'])
  })

  test('cuts many rows into pieces, between rows, and loses none', () => {
    const rows = Array.from({ length: 5 }, (_, id) => ({ id, text: 'x'.repeat(200_000) }))
    const pieces = [...copyPieces(rows, ['id', 'text'])]
    expect(pieces.length).toBe(3)
    expect(pieces.every((piece) => piece.endsWith('\n'))).toBe(true)
    expect(lines(rows).map((line) => line.split('\t')[0])).toEqual(['0', '1', '2', '3', '4'])
  })
})
