/** The page's side of the worker that reads layers. */
import { RegistryError } from '../../../core/oci/error.ts'
import { ready } from '../registry.ts'
import { workerUrl } from '../trusted-script.ts'
import type { Answer, Call, FilesApi, PlainFailure, ReadProgress } from './messages.ts'
import url from './worker.ts?worker&url'

export interface FilesReader extends FilesApi {
  /** Whatever it is doing. */
  close(): void
}

/** @param onProgress - is told a few times a second how much has been read */
export function createFilesReader(onProgress: (progress: ReadProgress) => void): FilesReader {
  const waiting = new Map<number, PromiseWithResolvers<never>>()
  let worker: Worker | undefined
  let isClosed = false
  let count = 0

  const start = (): Worker => {
    const started = new Worker(workerUrl(url), { type: 'module' })
    started.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ('progress' in data) return onProgress(data.progress)
      const call = waiting.get(data.id)
      waiting.delete(data.id)
      if ('value' in data) call?.resolve(data.value as never)
      else call?.reject(failureOf(data.failure))
    }
    started.onerror = ({ message }) => {
      for (const call of waiting.values())
        call.reject(new Error(message || 'the reader of layers has stopped'))
      waiting.clear()
    }
    return started
  }

  /** A worker that begins before the page is under control would ask the server in place of this browser. */
  const ask = async (name: Call['name'], args: readonly unknown[]): Promise<never> => {
    await ready()
    if (isClosed) return new Promise<never>(() => {})
    worker ??= start()
    const id = ++count
    const call = Promise.withResolvers<never>()
    waiting.set(id, call)
    worker.postMessage({ id, name, args } satisfies Call)
    return call.promise
  }

  return {
    read: (...args) => ask('read', args),
    list: (...args) => ask('list', args),
    search: (...args) => ask('search', args),
    content: (...args) => ask('content', args),
    compare: (...args) => ask('compare', args),
    close() {
      isClosed = true
      worker?.terminate()
    },
  }
}

export const failureOf = ({ code, message, status }: PlainFailure): Error =>
  code === undefined ? new Error(message) : new RegistryError(code, message, { ...(status && { status }) })
