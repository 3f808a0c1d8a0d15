/** Hands bytes to the user as a file; the browser asks where it should go, and opens nothing. */

/** Milliseconds in which a browser has begun to save. */
const BEGUN = 60_000

export function saveFile(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), BEGUN)
}
