/** Where a layer is, and how it came there. */
import { sizeText } from '../parts/sizes.ts'
import type { HeldBlob } from '../requests/owner.ts'
import type { LayerPlace } from './layer-place.ts'

interface PlaceProps {
  /** `undefined` before it is known. */
  readonly place: LayerPlace | undefined
  /** Peers that gave the manifest just now, by id, and so have the image. */
  readonly givers: readonly string[]
}

export function PlaceText({ place, givers }: PlaceProps) {
  if (place === undefined) return null
  if (place.is === 'here') return <Here blob={place.blob} />
  if (place.is === 'other')
    return (
      <span
        class="warn"
        title={`Stored here for ${place.repositories.join(', ')}; a pull brings it for this repository`}
      >
        stored here, but for other repositories only
      </span>
    )
  const [giver] = givers
  return giver === undefined ? (
    <span class="warn unbroken" title="When the image is pulled, all connected peers are asked for it">
      not stored here
    </span>
  ) : (
    <span class="warn" title={`At ${givers.join(', ')}`}>
      at peer <PeerId id={giver} />, not stored here
    </span>
  )
}

const Here = ({ blob: { source, origins } }: { blob: HeldBlob }) => {
  if (source === 'pushed')
    return (
      <span class="unbroken" title="Pushed or imported here">
        stored here
      </span>
    )
  return (
    <>
      <span>
        stored here, from {origins.length === 0 ? 'peers' : origins.length === 1 ? 'peer ' : 'peers '}
      </span>
      {origins.map(({ peer, bytes }, index) => (
        <span key={peer} title={`${sizeText(bytes)} from ${peer}`}>
          {index > 0 && ', '}
          <PeerId id={peer} />
        </span>
      ))}
    </>
  )
}

/** Ids begin alike; their ends tell them apart. */
const PeerId = ({ id }: { id: string }) => <code class="digest unbroken">…{id.slice(-6)}</code>
