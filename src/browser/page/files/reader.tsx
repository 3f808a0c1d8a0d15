/** The page's side of the worker that reads layers, a hook that reads an image, and its progress. */

import { useEffect, useState } from 'preact/hooks'
import { RegistryError } from '../../../core/oci/error.ts'
import { sizeText } from '../components/text.ts'
import { ready } from '../registry.ts'
import { workerUrl } from '../trusted-script.ts'
import type {
  Answer,
  Call,
  FilesApi,
  LayerAddress,
  PlainFailure,
  ReadProgress,
  ReadResult,
} from './messages.ts'
import url from './worker.ts?worker&url'

export interface FilesReader extends FilesApi {
  /** Terminates the worker. */
  close(): void
}

/** @param onProgress - called several times a second */
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

  /** A worker that is started before the service worker controls the page would send its requests to the server. */
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

export interface Reading {
  readonly reader?: FilesReader | undefined
  readonly result?: ReadResult | undefined
  readonly progress?: ReadProgress | undefined
  readonly failure?: unknown
}

/** @param layers - `undefined` until they are known; they are read again only if they change */
export function useReading(layers: readonly LayerAddress[] | undefined): Reading {
  const [reading, setReading] = useState<Reading>({})
  useEffect(() => {
    if (!layers) return
    const reader = createFilesReader((progress) => setReading((old) => ({ ...old, progress })))
    setReading({ reader })
    reader.read(layers).then(
      (result) => setReading({ reader, result }),
      (failure) => setReading({ failure }),
    )
    return () => reader.close()
  }, [layers?.map(({ digest, from }) => `${digest} ${from}`).join()])
  return reading
}

export const ReadingProgress = ({ progress }: { progress: ReadProgress | undefined }) => (
  <div class="reading">
    <p class="quiet numbers" role="status">
      Reading the layers…
    </p>
    {progress && (
      <p class="quiet numbers">
        <progress
          value={progress.done}
          max={Math.max(progress.total, progress.done)}
          aria-label="Layers read"
        />{' '}
        {sizeText(progress.done)} of {sizeText(progress.total)}
      </p>
    )}
  </div>
)
