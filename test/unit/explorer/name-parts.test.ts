import { describe, expect, it } from 'vitest'
import { isSuspicious, nameParts, plainName } from '../../../src/explorer/logic/name-parts'

describe('nameParts', () => {
  it('leaves ordinary names of any script as they are', () => {
    for (const name of ['agent.dev', '证书 عربي', 'Zoë Müller', 'a b', '👩🏽‍💻']) {
      expect(nameParts(name)).toEqual([{ kind: 'text', text: name }])
    }
  })

  it('shows direction overrides, NUL and zero-width characters as their codes', () => {
    expect(nameParts('a\u202eb')).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'escape', text: 'U+202E' },
      { kind: 'text', text: 'b' },
    ])
    for (const hidden of ['\u0000', '\u200b', '\u200d', '\ufeff', '\u2066', '\u2028', '\u3164']) {
      expect(isSuspicious(`x${hidden}y`)).toBe(true)
    }
  })

  it('shows outer and unusual blanks, which the eye cannot see', () => {
    expect(plainName(' x ')).toBe('<U+0020>x<U+0020>')
    expect(plainName('a\u00a0b')).toBe('a<U+00A0>b')
  })

  it('shows lone surrogates and replacement characters', () => {
    expect(plainName('\ud800')).toBe('<U+D800>')
    expect(plainName('\ufffd')).toBe('<U+FFFD>')
  })

  it('stops stacked marks from covering the lines around', () => {
    const escapes = nameParts(`a${'\u0301'.repeat(50)}`).filter((part) => part.kind === 'escape')
    expect(escapes).toHaveLength(46)
  })
})
