/** How an image that only this browser has comes to tools like docker: by the server, or as a file. */
import { useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { archivePath } from '../requests/owner.ts'
import { PushDialog } from './actions.tsx'
import { loadLines } from './command-lines.ts'
import { CommandList } from './command-list.tsx'
import { platformText } from './image-config.ts'
import type { Image, Platform } from './use-image.ts'
import type { Whereabouts } from './whereabouts.ts'

interface GetProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly platform: Platform | undefined
  /** `undefined` where no peer serves this page. */
  readonly server?: Whereabouts | undefined
}

export function GetItThere({ name, reference, image, platform, server }: GetProps) {
  const [isPushing, setPushing] = useState(false)
  const isHere = (platform ?? image).held?.missing === 0
  const asked = {
    format: 'docker',
    platform: platform && platformText(platform.descriptor.platform),
  } as const
  return (
    <>
      <p>
        {server && serverText(server)} Tools like docker cannot reach the registry in this browser:{' '}
        {isHere ? waysText(server) : 'pull the image here first, then push it to the server or download it.'}
      </p>
      {isHere && (
        <div class="actions">
          {server?.isWritable && (
            <button type="button" class="button" onClick={() => setPushing(true)}>
              <Icon name="push" /> Push it to the server first…
            </button>
          )}
          <a class="button" href={archivePath(name, reference, asked)}>
            <Icon name="pull" /> Download for docker load
          </a>
        </div>
      )}
      {isHere && <CommandList lines={loadLines(name, reference, platform?.descriptor.digest)} />}
      {isPushing && (
        <PushDialog name={name} reference={reference} image={image} onClose={() => setPushing(false)} />
      )}
    </>
  )
}

const serverText = ({ url, has }: Whereabouts): string =>
  has === 'other'
    ? `The server at ${url.host} has another image under this tag.`
    : `The server at ${url.host} does not have this image.`

const waysText = (server: Whereabouts | undefined): string =>
  server?.isWritable ? 'push it to the server, or download it.' : 'download it.'
