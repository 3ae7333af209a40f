import { describe, expect, it } from 'vitest'
import { among, isTime, isWhole, unreadOf } from '../../../src/explorer/logic/unread'

const readers = { kind: among(['A', 'B']), from: isWhole, since: isTime }

function unread(search: string): readonly string[] {
  const params = new URLSearchParams(search)
  return unreadOf((name) => params.get(name) ?? '', readers)
}

describe('what of an address is not understood', () => {
  it('is nothing where every value is, or is not there', () => {
    expect(unread('kind=B&from=12&since=2026-11-01&other=x')).toEqual([])
    expect(unread('kind=&from=')).toEqual([])
  })

  it.each([
    ['kind=C', 'kind'],
    ['kind=a', 'kind'],
    ['from=-1', 'from'],
    ['from=1e3', 'from'],
    ['from=1.5', 'from'],
    ['since=soon', 'since'],
  ])('is named: %s', (search, name) => {
    expect(unread(`${search}&other=x`)).toEqual([name])
  })
})
