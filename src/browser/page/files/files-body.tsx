/** The layers of an image and their files: those of all layers, as a container sees them, or of one. */
import { useState } from 'preact/hooks'
import { Loading } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { countText, sizeText } from '../components/text.ts'
import { type Step, stepsOf } from '../image/image-config.ts'
import { isTar, type LayerLocation, locationOf, useStoredBlobs } from '../image/layer-location.tsx'
import type { Contents } from '../image/use-image.ts'
import { pullImage } from '../transfers/pull/start-pull.ts'
import '../styles/files.css'
import { FileTable } from './file-table.tsx'
import { LayerList, LayerRemarks } from './layer-list.tsx'
import type { LayerAddress } from './messages.ts'
import { ReadingProgress, useReading } from './reader.tsx'
import { WasteView } from './waste-view.tsx'

interface BodyProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  /** The digest of the selected layer; `undefined` for all layers. */
  readonly layer: string | undefined
  readonly contents: Contents
}

export function FilesBody({ name, reference, platform, layer, contents }: BodyProps) {
  const { manifest, config } = contents
  const layers = manifest.blobs
  const storedBlobs = useStoredBlobs(layers.map(({ digest }) => digest))
  const [isFromPeers, setFromPeers] = useState(false)
  const locations = layers.map(({ digest }) => locationOf(storedBlobs, name, digest))
  const isKnown = locations.every((at) => at !== undefined)
  const addresses = isKnown ? addressesOf(name, contents, locations, isFromPeers) : undefined
  const { reader, result, progress, failure } = useReading(addresses)
  if (!layers.some(({ mediaType }) => isTar(mediaType)))
    return <p>This is not an image with layers of files; the page of the image shows what it has.</p>
  if (!addresses) return <Loading what="where the layers are" />
  const missing = addresses.filter(({ from }) => from === 'nowhere')
  const position = layers.findIndex(({ digest }) => digest === layer)
  const chosen = position < 0 ? undefined : position
  return (
    <>
      {missing.length > 0 && (
        <Missing
          missing={missing}
          count={layers.length}
          onRead={() => setFromPeers(true)}
          onPull={() => pullImage({ name, reference: manifest.digest, keep: false })}
        />
      )}
      {failure !== undefined && <Problem title="The layers could not be read." failure={failure} />}
      {!result && failure === undefined && <ReadingProgress progress={progress} />}
      {reader && result && missing.length < layers.length && (
        <div class="files">
          <LayerList
            name={name}
            reference={reference}
            platform={platform}
            steps={stepsWithLayers(stepsOf(layers, config?.history))}
            addresses={addresses}
            result={result}
            chosen={chosen}
          />
          <div class="files-main">
            <LayerRemarks layers={result.layers} chosen={chosen} />
            <FileTable key={String(chosen)} reader={reader} layer={chosen} count={layers.length} />
            {chosen === undefined && <WasteView waste={result.waste} />}
          </div>
        </div>
      )}
    </>
  )
}

const stepsWithLayers = (steps: readonly Step[]): readonly Step[] => steps.filter(({ layer }) => layer)

const addressesOf = (
  repository: string,
  { manifest }: Contents,
  locations: readonly (LayerLocation | undefined)[],
  isFromPeers: boolean,
): readonly LayerAddress[] =>
  manifest.blobs.map(({ digest, size, annotations, mediaType }, index) => {
    const away = isFromPeers ? 'peers' : 'nowhere'
    const from = isTar(mediaType) ? (locations[index]?.is === 'here' ? 'here' : away) : 'nowhere'
    return { repository, digest, size, annotations, from }
  })

interface MissingProps {
  readonly missing: readonly LayerAddress[]
  readonly count: number
  readonly onRead: () => void
  readonly onPull: () => void
}

const Missing = ({ missing, count, onRead, onPull }: MissingProps) => {
  const size = sizeText(missing.reduce((sum, { size }) => sum + size, 0))
  return (
    <div class="note files-missing">
      <p>
        {missing.length === count ? 'The layers are' : `${countText(missing.length, 'layer')} of ${count}`}
        {missing.length === count ? '' : missing.length === 1 ? ' is' : ' are'} not stored here ({size}), so
        their files are not shown. Pull the image to keep it, or read the layers from peers once, which keeps
        nothing.
      </p>
      <p class="note-actions">
        <button type="button" class="button primary" onClick={onPull}>
          Pull the image
        </button>
        <button type="button" class="button" onClick={onRead}>
          Read from peers
        </button>
      </p>
    </div>
  )
}
