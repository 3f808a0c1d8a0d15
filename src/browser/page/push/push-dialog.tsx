/** Asks where to push an image and by which name, and for confirmation before a tag is moved to it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { closeDialogOf, Dialog } from '../components/dialog.tsx'
import { Problem } from '../components/problem.tsx'
import { countText } from '../components/text.ts'
import {
  type GivenName,
  NameFields,
  otherImageAt,
  PlatformField,
  readName,
  shortReferenceText,
  TakenNote,
  textIn,
} from '../image/name-fields.tsx'
import { type Image, useImage } from '../image/use-image.ts'
import { readPeers } from '../requests/peers.ts'
import { client } from '../requests/request.ts'
import { useQuery } from '../requests/use-query.ts'
import { referenceText } from '../route.ts'
import { startTransfer } from '../transfers/start-transfer.ts'
import type { PushTask } from '../transfers/tasks.ts'
import { type Target, targetsOf } from './target.ts'
import { targetClient } from './target-client.ts'
import { type Chosen, TargetField } from './target-field.tsx'

interface PushProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly onClose: () => void
}

export function PushDialog({ name, reference, image, onClose }: PushProps) {
  const form = useRef<HTMLFormElement>(null)
  const [chosen, setChosen] = useState<Chosen>()
  const [state, setState] = useState<State>({ is: 'asking' })
  const peers = useQuery('peers', (signal) => readPeers({ signal }))
  const referrers = useQuery(image.manifest.digest, (signal) =>
    client.referrers(name, image.manifest.digest, { signal }),
  ).value
  const targets = peers.value && targetsOf(peers.value)

  const push = async (isReplacing: boolean) => {
    const input = readForm(form.current!, chosen)
    if ('problem' in input) return setState({ is: 'malformed', problem: input.problem })
    setState({ is: 'checking' })
    try {
      const other = isReplacing
        ? undefined
        : await otherImageAt(targetClient(input.target), input, input.digest ?? image.manifest.digest)
      if (other) return setState({ is: 'taken', by: other, at: input })
    } catch (failure) {
      return setState({ is: 'failed', failure })
    }
    startPush({ ...input, name, reference: input.digest ?? reference })
    form.current?.closest('dialog')?.close()
  }

  return (
    <Dialog title={`Push ${shortReferenceText(name, reference)}`} onClose={onClose}>
      <form
        ref={form}
        class="form"
        onInput={() => state.is !== 'checking' && setState({ is: 'asking' })}
        onSubmit={(event) => {
          event.preventDefault()
          void push(state.is === 'taken')
        }}
      >
        {targets && (
          <TargetField targets={targets} own={peers.value?.origin} chosen={chosen} onChoose={setChosen} />
        )}
        {peers.failure !== undefined && (
          <Problem title="The peers could not be read." failure={peers.failure} />
        )}
        <NameFields name={name} tagLabel="Tag" tag={reference.includes(':') ? '' : reference} />
        <PlatformField image={image} />
        {referrers && referrers.length > 0 && (
          <label class="check">
            <input type="checkbox" name="referrers" defaultChecked />
            With{' '}
            {countText(
              referrers.length,
              'signature, SBOM or attestation',
              'signatures, SBOMs and attestations',
            )}
          </label>
        )}
        <p class="hint">The digest stays the same. Layers that are there already are not sent again.</p>
        <Outcome state={state} />
        <div class="form-actions">
          <button type="button" class="button" onClick={closeDialogOf}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={!chosen || state.is === 'checking'}>
            {state.is === 'taken' ? 'Replace it' : state.is === 'checking' ? 'Asking the registry…' : 'Push'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

type State =
  | { readonly is: 'asking' | 'checking' }
  | { readonly is: 'malformed'; readonly problem: string }
  | { readonly is: 'failed'; readonly failure: unknown }
  /** The tag refers to a different image there. */
  | { readonly is: 'taken'; readonly by: string; readonly at: PushInput }

function Outcome({ state }: { state: State }) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => element.current?.scrollIntoView({ block: 'nearest' }), [state.is])
  return (
    <div ref={element}>
      {state.is === 'malformed' && (
        <p class="hint bad" role="alert">
          {state.problem}
        </p>
      )}
      {state.is === 'failed' && <Problem title="Nothing was pushed." failure={state.failure} />}
      {state.is === 'taken' && (
        <TakenNote
          name={`${state.at.repository}:${state.at.tag}`}
          where={`At ${state.at.target.host}`}
          digest={state.by}
        />
      )}
    </div>
  )
}

interface PushInput extends GivenName {
  readonly target: Target
  readonly referrers: boolean
  /** The digest of the selected platform. */
  readonly digest: string | undefined
}

function readForm(
  form: HTMLFormElement,
  chosen: Chosen | undefined,
): PushInput | { readonly problem: string } {
  const fields = new FormData(form)
  const named = readName(fields)
  if (!chosen || 'problem' in chosen) return { problem: chosen?.problem ?? 'Choose where to push it.' }
  if ('problem' in named) return named
  const digest = textIn(fields, 'platform') || undefined
  return { ...named, target: chosen.target, referrers: fields.has('referrers'), digest }
}

export const startPush = (task: PushTask): void => startTransfer('push', titleOf(task), task)

const titleOf = ({ name, reference, target }: PushTask): string =>
  `${referenceText(name, reference)} to ${target.host}`

interface PushFromListProps {
  readonly name: string
  readonly reference: string
  readonly onClose: () => void
}

export function PushFromList({ name, reference, onClose }: PushFromListProps) {
  const { value: image, failure } = useImage(name, reference)
  if (image) return <PushDialog name={name} reference={reference} image={image} onClose={onClose} />
  if (failure === undefined) return null
  return (
    <Dialog title={`Push ${referenceText(name, reference)}`} onClose={onClose}>
      <Problem title="The image could not be read." failure={failure} />
      <div class="form-actions">
        <button type="button" class="button" onClick={closeDialogOf}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
