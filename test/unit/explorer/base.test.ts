import { describe, expect, it } from 'vitest'
import { baseOf } from '../../../src/explorer/logic/base'

describe('where a registry’s pages stand', () => {
  it.each([
    ['/', ''],
    ['/autoid/0x12', ''],
    ['/revoked', ''],
    ['/r/other', '/r/other'],
    ['/r/other/', '/r/other'],
    ['/r/other/autoid/0x12', '/r/other'],
  ])('%s: %s', (pathname, base) => expect(baseOf(pathname)).toBe(base))
})
