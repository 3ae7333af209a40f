import { describe, expect, test } from 'vitest'
import { sharedBuffersMb } from '../../../src/embedded/postgres'

describe('the embedded server', () => {
  test.each([
    [1, 128],
    [4, 256],
    [8, 512],
    [24, 1024],
    [256, 1024],
  ])('on a machine of %i GiB shares %i MB of buffers', (gibibytes, megabytes) => {
    expect(sharedBuffersMb(gibibytes * 1024 ** 3)).toBe(megabytes)
  })
})
