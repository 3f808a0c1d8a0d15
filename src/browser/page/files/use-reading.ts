/** Has the layers of an image read, once for as long as the same ones are shown. */
import { useEffect, useState } from 'preact/hooks'
import type { LayerAddress, ReadProgress, ReadResult } from './messages.ts'
import { createFilesReader, type FilesReader } from './reader.ts'

export interface Reading {
  readonly reader?: FilesReader | undefined
  readonly result?: ReadResult | undefined
  readonly progress?: ReadProgress | undefined
  readonly failure?: unknown
}

/** @param layers - `undefined` where they are not known yet */
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
