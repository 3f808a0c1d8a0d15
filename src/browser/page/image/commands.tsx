/** Command lines that pull the image with other tools, or how to get it to a registry that they can reach. */
import { useState } from 'preact/hooks'
import { Icon } from '../components/icons.tsx'
import { Loading } from '../components/loading.tsx'
import { archivePath } from '../requests/admin.ts'
import { useQuery } from '../requests/use-query.ts'
import { referenceText } from '../route.ts'
import { PushDialog } from './actions.tsx'
import { commandLines, loadLines, needsInsecureRegistry } from './command-lines.ts'
import { CommandList } from './command-list.tsx'
import { platformText } from './image-config.ts'
import type { Image, Platform } from './use-image.ts'
import { locateImage, type RegistryLocation } from './whereabouts.ts'

interface CommandsProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** The selected platform of an index. */
  readonly platform: Platform | undefined
}

export function Commands(props: CommandsProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="use-it" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="use-it-summary">Use it with docker, podman, skopeo or ctr</summary>
      {isOpen && <Registries {...props} />}
    </details>
  )
}

function Registries(props: CommandsProps) {
  const { name, reference, image } = props
  const { digest } = image.manifest
  const registries = useQuery(`${name} ${reference} ${digest}`, (signal) =>
    locateImage({ name, reference, digest }, signal),
  )
  if (!registries.value)
    return registries.failure === undefined ? <Loading what="where it is" /> : <ExportHelp {...props} />
  const withImage = registries.value.filter(({ has }) => has === 'tag' || has === 'digest')
  if (withImage.length === 0)
    return <ExportHelp {...props} server={registries.value.find(({ serves }) => serves)} />
  return withImage.map((registry) => (
    <PullCommands
      key={registry.url.href}
      registry={registry}
      image={referenceText(name, registry.has === 'tag' ? reference : digest)}
      pinned={referenceText(name, digest)}
    />
  ))
}

interface PullProps {
  readonly registry: RegistryLocation
  readonly image: string
  readonly pinned: string
}

const PullCommands = ({ registry: { url, serves, has }, image, pinned }: PullProps) => (
  <>
    <p class="quiet">
      {serves ? 'The server' : 'The peer'} at <code>{url.host}</code> has this image
      {has === 'tag' || image === pinned ? '.' : ', though not under this tag.'}
    </p>
    <CommandList
      lines={[
        ...commandLines(url, image),
        ...(image === pinned ? [] : [{ tool: 'by digest', text: `${url.host}/${pinned}` }]),
      ]}
    />
    {needsInsecureRegistry(url) && (
      <p class="hint">
        docker needs <code>{`"insecure-registries": ["${url.host}"]`}</code> in its <code>daemon.json</code>,
        as this registry speaks plain HTTP.
      </p>
    )}
  </>
)

interface GetProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly platform: Platform | undefined
  /** `undefined` if the server is not a peer. */
  readonly server?: RegistryLocation | undefined
}

export function ExportHelp({ name, reference, image, platform, server }: GetProps) {
  const [isPushing, setPushing] = useState(false)
  const isHere = (platform ?? image).stored?.missing === 0
  const archive = {
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
          <a class="button" href={archivePath(name, reference, archive)}>
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

const serverText = ({ url, has }: RegistryLocation): string =>
  has === 'other'
    ? `The server at ${url.host} has another image under this tag.`
    : `The server at ${url.host} does not have this image.`

const waysText = (server: RegistryLocation | undefined): string =>
  server?.isWritable ? 'push it to the server, or download it.' : 'download it.'
