import { describe, expect, test } from 'vitest'
import { sharedBuffersMb } from '../../../src/embedded/postgres'

describe('the embedded server', () => {
  test.each([
    [0.5, 128],
    [4, 512],
    [8, 1024],
    [24, 3072],
    [256, 4096],
  ])('on a machine of %d GiB shares %i MB of buffers', (gibibytes, megabytes) => {
    expect(sharedBuffersMb(gibibytes * 1024 ** 3)).toBe(megabytes)
  })
})
