/** Others' text on a terminal. */

/** What a terminal obeys, or what turns a line around, by its code: it could write a verdict of its own over ours. */
export function asText(line: string): string {
  const escaped = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)
}

/** As `asText`; line ends stay. */
export function asLines(text: string): string {
  return text.split('\n').map(asText).join('\n')
}
