/** Hands text made in the page to the browser as a download. */
export function saveText(fileName: string, type: string, text: string): void {
  saveBytes(fileName, type, new TextEncoder().encode(text))
}

export function saveBytes(fileName: string, type: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
