import { describe, expect, it } from 'vitest'
import { nodeLink } from '../../../src/explorer/logic/node-link'

const HASH = `0x${'ab'.repeat(32)}`

describe('the link to a block at the node', () => {
  it('is the setting with the hash in its place', () => {
    expect(nodeLink('https://node.example/blocks/{hash}?full', HASH)).toBe(
      `https://node.example/blocks/${HASH}?full`,
    )
  })

  it.each([undefined, 'javascript:alert(1)//{hash}', '//node.example/{hash}'])(
    'is none for the setting %s',
    (template) => expect(nodeLink(template, HASH)).toBeUndefined(),
  )
})
