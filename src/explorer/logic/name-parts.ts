/** A piece of a hostile name: text to show as it is, or an invisible character to show as its code. */
export type NamePart = { readonly kind: 'text' | 'escape'; readonly text: string }

const INVISIBLE =
  /\u034f|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u2800\u3164\uffa0\ufffd]/u
const PICTOGRAPH = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u
const MARK = /\p{M}/u
const SPACE = /\p{Zs}/u
const MARKS_IN_A_ROW = 4

/**
 * Splits a name into text and visible escapes, so that direction overrides, NUL, zero-width
 * characters, odd or outer blanks and stacked marks cannot change what a reader sees around them.
 *
 * A zero-width joiner inside an emoji sequence is kept: without it the emoji falls apart.
 */
export function nameParts(name: string): NamePart[] {
  const characters = [...name]
  const parts: NamePart[] = []
  let marks = 0
  characters.forEach((character, at) => {
    marks = MARK.test(character) ? marks + 1 : 0
    const hidden = marks > MARKS_IN_A_ROW || isHidden(characters, at)
    push(parts, hidden ? 'escape' : 'text', hidden ? codePoint(character) : character)
  })
  return parts
}

/** Does the name hold anything that `nameParts` escapes? */
export function isSuspicious(name: string): boolean {
  return nameParts(name).some((part) => part.kind === 'escape')
}

/** One line of plain text for titles, file names and CSV: escapes become `<U+202E>`. */
export function plainName(name: string): string {
  return nameParts(name)
    .map((part) => (part.kind === 'text' ? part.text : `<${part.text}>`))
    .join('')
}

function isHidden(characters: readonly string[], at: number): boolean {
  const character = characters[at] ?? ''
  if (character === '\u200d') return !joinsPictographs(characters, at)
  if (SPACE.test(character)) {
    return character !== ' ' || at === 0 || at === characters.length - 1
  }
  return INVISIBLE.test(character)
}

function joinsPictographs(characters: readonly string[], at: number): boolean {
  return PICTOGRAPH.test(characters[at - 1] ?? '') && PICTOGRAPH.test(characters[at + 1] ?? '')
}

function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

function push(parts: NamePart[], kind: NamePart['kind'], text: string): void {
  const last = parts.at(-1)
  if (kind === 'text' && last?.kind === 'text') {
    parts[parts.length - 1] = { kind, text: last.text + text }
    return
  }
  parts.push({ kind, text })
}
