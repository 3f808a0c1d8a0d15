/** Says why an image was not found, and offers what would help. */
import type { ComponentChildren } from 'preact'
import type { CommandLine } from '../image/command-lines.ts'
import { CommandList } from '../image/command-list.tsx'
import { Problem } from '../parts/problem.tsx'
import { changeSettings } from '../requests/peers.ts'
import { peersPath, referenceText } from '../route.ts'
import { useAttempt } from '../use-attempt.ts'
import type { Found } from './look-up.ts'
import { type Miss, missIn } from './miss.ts'
import { isDockerHub, type TypedImage } from './typed-image.ts'

interface NoteProps {
  readonly found: Exclude<Found, { readonly is: 'found' }>
  readonly typed: TypedImage
  /** Of the peer that serves this page, as it stands in references. */
  readonly server: string | undefined
  /** Takes it under another tag or digest. */
  readonly onPull: (reference: string) => void
  readonly onRetry: () => void
}

export function MissNote(props: NoteProps) {
  const { found, onPull } = props
  if (found.is === 'missing') return <Missing {...props} found={found} />
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

function Missing({ found, typed, server, onPull, onRetry }: NoteProps & { found: Missed }) {
  const { name, reference, failure } = found
  const miss = missIn(failure)
  if (!miss) return <Problem title="It was not found." failure={failure} />
  const isElsewhere = miss.reason === 'unknown-repository' || (typed.host && miss.reason === 'unknown-tag')
  return (
    <Note title={titleOf(miss, name, reference)} text={textOf(miss)}>
      {miss.reason === 'unknown-tag' && (
        <Choices choices={miss.tags.map((tag) => ({ text: tag, value: tag }))} onChoose={onPull} />
      )}
      {miss.reason === 'untrusted' && <TrustButtons peers={miss.peers} onTrust={onRetry} />}
      {isElsewhere && <FromElsewhere typed={typed} reference={reference} server={server} />}
      <p class="row">
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
        {(miss.reason === 'no-peer' || miss.reason === 'unknown-repository') && (
          <a class="button" href={peersPath}>
            Connect a peer
          </a>
        )}
      </p>
    </Note>
  )
}

type Missed = Extract<Found, { readonly is: 'missing' }>

function titleOf({ reason }: Miss, name: string, reference: string): string {
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

const TEXTS: Readonly<Record<Miss['reason'], string>> = {
  'unknown-tag': 'These tags exist:',
  'unknown-repository': '',
  'unknown-digest': 'A digest is found only under the repository that it was pushed to.',
  deleted:
    'What was deleted is not taken from peers again. Import it anew, or push it here under another tag.',
  untrusted: 'A tag is one peer’s word for what its image is. Trust it, and its tags are taken:',
  'not-given': 'It may be busy, or a newer image of this name was seen before.',
  'no-peer': 'The image is not stored in this browser, and nobody else can be asked.',
}

const textOf = (miss: Miss): string =>
  miss.reason === 'unknown-tag' && miss.tags.length === 0 ? 'It has no tags at all.' : TEXTS[miss.reason]

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
  const { failure, attempt } = useAttempt()
  const trust = (peer: string) =>
    attempt(async () => {
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

/** A page cannot ask Docker Hub and others; the server can be given their images. */
function FromElsewhere({
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
      <CommandList lines={bringLines(host, name, reference, server)} />
    </>
  )
}

function bringLines(host: string, name: string, reference: string, server: string): readonly CommandLine[] {
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
