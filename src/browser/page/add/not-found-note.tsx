/** Says why an image was not found, and offers what would help. */
import type { ComponentChildren } from 'preact'
import { Problem } from '../components/problem.tsx'
import type { CommandLine } from '../image/command-lines.ts'
import { CommandList } from '../image/command-list.tsx'
import { changeSettings } from '../requests/peers.ts'
import { useMutation } from '../requests/use-query.ts'
import { peersPath, referenceText } from '../route.ts'
import type { LookupResult } from './look-up.ts'
import { type NotFoundDetail, notFoundDetail } from './not-found.ts'
import { isDockerHub, type TypedImage } from './typed-image.ts'

interface NoteProps {
  readonly found: Exclude<LookupResult, { readonly is: 'found' }>
  readonly typed: TypedImage
  /** Host and port of the server, as in references. */
  readonly server: string | undefined
  /** Pulls it by another tag or digest. */
  readonly onPull: (reference: string) => void
  readonly onRetry: () => void
}

export function NotFoundNote(props: NoteProps) {
  const { found, onPull } = props
  if (found.is === 'missing') return <NotFound {...props} found={found} />
  if (found.is === 'tags')
    return (
      <Note title={`${found.name} has no tag latest.`} text="Choose one:">
        <Choices choices={found.tags.map((tag) => ({ text: tag, value: tag }))} onChoose={onPull} />
      </Note>
    )
  return (
    <Note title={`${referenceText(found.name, found.reference)} is not for that platform.`} text="It is for:">
      <Choices
        choices={[
          ...found.platforms.map(({ text, digest }) => ({ text, value: digest })),
          { text: 'All platforms', value: found.reference },
        ]}
        onChoose={onPull}
      />
    </Note>
  )
}

function NotFound({ found, typed, server, onPull, onRetry }: NoteProps & { found: NotFoundResult }) {
  const { name, reference, failure } = found
  const detail = notFoundDetail(failure)
  if (!detail) return <Problem title="It was not found." failure={failure} />
  const isOtherRegistry =
    detail.reason === 'unknown-repository' || (typed.host && detail.reason === 'unknown-tag')
  return (
    <Note title={titleOf(detail, name, reference)} text={textOf(detail)}>
      {detail.reason === 'unknown-tag' && (
        <Choices choices={detail.tags.map((tag) => ({ text: tag, value: tag }))} onChoose={onPull} />
      )}
      {detail.reason === 'untrusted' && <TrustButtons peers={detail.peers} onTrust={onRetry} />}
      {isOtherRegistry && <OtherRegistryHelp typed={typed} reference={reference} server={server} />}
      <p class="row">
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
        {(detail.reason === 'no-peer' || detail.reason === 'unknown-repository') && (
          <a class="button" href={peersPath}>
            Connect a peer
          </a>
        )}
      </p>
    </Note>
  )
}

type NotFoundResult = Extract<LookupResult, { readonly is: 'missing' }>

function titleOf({ reason }: NotFoundDetail, name: string, reference: string): string {
  const image = referenceText(name, reference)
  switch (reason) {
    case 'unknown-tag':
      return `${name} has no tag ${reference}.`
    case 'unknown-repository':
      return `No connected peer has a repository ${name}.`
    case 'deleted':
      return `${image} was deleted from this browser.`
    case 'untrusted':
      return `The tags of the peer that has ${image} are not trusted.`
    case 'no-peer':
      return navigator.onLine ? 'No peer is connected.' : 'This browser is offline.'
    default:
      return `No connected peer gives ${image}.`
  }
}

const TEXTS: Readonly<Record<NotFoundDetail['reason'], string>> = {
  'unknown-tag': 'These tags exist:',
  'unknown-repository': '',
  'unknown-digest': 'A digest is found only under the repository that it was pushed to.',
  deleted:
    'What was deleted is not taken from peers again. Import it anew, or push it here under another tag.',
  untrusted: 'A tag is one peer’s word for what its image is. Trust it, and its tags are taken:',
  'not-given': 'It may be busy, or a newer image of this name was seen before.',
  'no-peer': 'The image is not stored in this browser, and there is no peer to ask.',
}

const textOf = (detail: NotFoundDetail): string =>
  detail.reason === 'unknown-tag' && detail.tags.length === 0
    ? 'It has no tags at all.'
    : TEXTS[detail.reason]

interface Choice {
  readonly text: string
  readonly value: string
}

const Choices = ({
  choices,
  onChoose,
}: {
  choices: readonly Choice[]
  onChoose: (value: string) => void
}) => (
  <p class="row pick-one">
    {choices.map(({ text, value }) => (
      <button key={value} type="button" class="button mono" onClick={() => onChoose(value)}>
        {text}
      </button>
    ))}
  </p>
)

function TrustButtons({ peers, onTrust }: { peers: readonly string[]; onTrust: () => void }) {
  const { failure, run } = useMutation()
  const trust = (peer: string) =>
    run(async () => {
      await changeSettings(({ trust }) => ({ trust: [...new Set([...trust, peer])] }))
      onTrust()
    })
  return (
    <>
      <p class="row">
        {peers.map((peer) => (
          <button key={peer} type="button" class="button" title={peer} onClick={() => trust(peer)}>
            Trust peer …{peer.slice(-6)}
          </button>
        ))}
      </p>
      {failure !== undefined && <Problem title="That did not work." failure={failure} />}
    </>
  )
}

/** Web pages cannot pull from Docker Hub and others, but users can copy their images to the server. */
function OtherRegistryHelp({
  typed,
  reference,
  server,
}: Pick<NoteProps, 'typed' | 'server'> & { reference: string }) {
  const { host = 'docker.io', name } = typed
  const registry = isDockerHub(host) ? 'Docker Hub' : host
  if (!server) return <p>{registry} cannot be asked from a web page.</p>
  return (
    <>
      <p>
        {registry} cannot be asked from a web page. These bring its image to the server, from where it is
        pulled here:
      </p>
      <CommandList lines={copyCommands(host, name, reference, server)} />
    </>
  )
}

function copyCommands(host: string, name: string, reference: string, server: string): readonly CommandLine[] {
  const path = isDockerHub(host) && !name.includes('/') ? `library/${name}` : name
  const from = `${isDockerHub(host) ? 'docker.io' : host}/${referenceText(path, reference)}`
  const to = `${server}/${referenceText(name, reference)}`
  return [
    { tool: 'skopeo', text: `skopeo copy --all --dest-tls-verify=false docker://${from} docker://${to}` },
    { tool: 'docker', text: `docker pull ${from} && docker tag ${from} ${to} && docker push ${to}` },
  ]
}

const Note = ({ title, text, children }: { title: string; text: string; children: ComponentChildren }) => (
  <div class="note miss" role="alert">
    <div>
      <p>
        <strong>{title}</strong> {text}
      </p>
      {children}
    </div>
  </div>
)
