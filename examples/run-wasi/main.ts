/**
 * Runs an image for `wasi/wasm` in the page: its files come from the registry of this browser, and its program runs in a
 * worker, with those files as its file system.
 */
import { ready } from '/flotilla.js'
import type { Message, Run } from './runner.ts'

const form = document.querySelector<HTMLFormElement>('#run')!
const status = document.querySelector('#status')!
const output = document.querySelector('#output')!

/** From the start, so that the page goes on without the server from then on. */
const worker = new Worker(new URL('./runner.ts', import.meta.url), { type: 'module' })

worker.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  if ('text' in data) output.append(data.text)
  else status.textContent = data.status
})
worker.addEventListener('error', () => {
  status.textContent = 'Failed: the example was not loaded whole; reload the page.'
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  output.textContent = ''
  status.textContent = 'Waiting for the registry…'
  try {
    await ready()
    const fields = new FormData(form)
    const given = String(fields.get('arguments')).trim()
    const what: Run = {
      image: String(fields.get('image')),
      given: given === '' ? undefined : given.split(/\s+/),
    }
    worker.postMessage(what)
  } catch (error) {
    status.textContent = `Failed: ${(error as Error).message}`
  }
})
