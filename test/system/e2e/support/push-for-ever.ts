/** Pushes endlessly, for a browser that is killed meanwhile, and checks what has to be stored. Both run in the page. */
import type { Made } from './content.ts'

/** A blob that the registry acknowledged with 201, or an upload of which it acknowledged this many bytes. */
export interface Acknowledged {
  readonly made: Made
  readonly location?: string
  readonly received?: number
}

/** Half of them monolithic, half in chunks. */
export async function pushForEver(round: number): Promise<void> {
  for (let count = 0; ; count++) {
    const seed = round * 1000 + count
    const made = { seed, size: 100_000 + ((seed * 7919) % 900_000) }
    if (count % 2 === 0) await pushWhole(made)
    else await pushInChunks(made)
  }

  async function pushWhole(made: Made): Promise<void> {
    const blob = window.content(made)
    const path = `/v2/a/blobs/uploads/?digest=${await window.digestOf(blob)}`
    const { status } = await fetch(path, { method: 'POST', body: blob })
    if (status !== 201) throw new Error(String(status))
    await window.acknowledge({ made })
  }

  async function pushInChunks(made: Made): Promise<void> {
    const blob = window.content(made)
    const size = Math.ceil(made.size / 3)
    const { headers } = await fetch('/v2/a/blobs/uploads/', { method: 'POST' })
    const location = headers.get('Location')!
    for (let start = 0; start < made.size; start += size) {
      const chunk = blob.slice(start, start + size)
      const { status } = await fetch(location, { method: 'PATCH', body: chunk })
      if (status !== 202) throw new Error(String(status))
      await window.acknowledge({ made, location, received: start + chunk.size })
    }
    const { status } = await fetch(`${location}?digest=${await window.digestOf(blob)}`, { method: 'PUT' })
    if (status !== 201) throw new Error(String(status))
    await window.acknowledge({ made })
  }
}

/** Returns what is wrong. Uploads are resumed and finished. */
export async function checkPushes(all: readonly Acknowledged[]): Promise<string[]> {
  const problems: string[] = []
  for (const one of all) {
    const problem =
      one.location === undefined ? await checkBlob(one.made) : await checkUpload(one, one.location)
    if (problem !== undefined) problems.push(`${JSON.stringify(one)}: ${problem}`)
  }
  return problems

  async function checkBlob(made: Made): Promise<string | undefined> {
    const digest = await window.digestOf(window.content(made))
    const response = await fetch(`/v2/a/blobs/${digest}`)
    if (!response.ok) return `${response.status} ${await response.text()}`
    return (await window.digestOf(await response.blob())) === digest ? undefined : 'other bytes'
  }

  /** A missing upload was finished by an unacknowledged request, or just now for an earlier entry of the list. */
  async function checkUpload(
    { made, received = 0 }: Acknowledged,
    location: string,
  ): Promise<string | undefined> {
    const state = await fetch(location)
    if (state.status === 404) return checkBlob(made)
    const start = Number(state.headers.get('Range')!.split('-')[1]) + 1
    if (start < received) return `only ${start} bytes`
    const blob = window.content(made)
    const url = `${location}?digest=${await window.digestOf(blob)}`
    const { status } = await fetch(url, { method: 'PUT', body: blob.slice(start) })
    return status === 201 ? checkBlob(made) : `not finished: ${status}`
  }
}

declare global {
  interface Window {
    acknowledge(what: Acknowledged): Promise<void>
  }
}
