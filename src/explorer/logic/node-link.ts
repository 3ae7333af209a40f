const HASH = '{hash}'

/** `template` with the block's hash in it; undefined without a template, or when it is no web address. */
export function nodeLink(template: string | undefined, hash: string): string | undefined {
  if (template === undefined) return undefined
  const link = template.replaceAll(HASH, encodeURIComponent(hash))
  return /^https?:\/\//.test(link) && URL.canParse(link) ? link : undefined
}
