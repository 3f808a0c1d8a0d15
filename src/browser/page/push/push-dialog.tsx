/** Asks where an image is to be pushed and by which name, and before it takes a tag away from another image. */
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { isName, isTag } from '../../../core/oci/name.ts'
import { PlatformField } from '../image/platform-field.tsx'
import type { Image } from '../image/use-image.ts'
import { closeDialogOf, Dialog } from '../parts/dialog.tsx'
import { NAME_PROBLEM, TAG_PROBLEM } from '../parts/name-problems.ts'
import { Problem } from '../parts/problem.tsx'
import { countText, shortDigest } from '../parts/texts.ts'
import { readPeers } from '../requests/peers.ts'
import { client } from '../requests/request.ts'
import { referenceText } from '../route.ts'
import { useLoaded } from '../use-loaded.ts'
import { startPush } from './start-push.ts'
import { type Target, targetsOf } from './target.ts'
import { clientOf } from './target-client.ts'
import { type Chosen, TargetField } from './target-field.tsx'

interface PushProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  readonly onClose: () => void
}

export function PushDialog({ name, reference, image, onClose }: PushProps) {
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const [chosen, setChosen] = useState<Chosen>()
  const [state, setState] = useState<State>({ is: 'asking' })
  const peers = useLoaded('peers', (signal) => readPeers({ signal }))
  const referrers = useLoaded(image.manifest.digest, (signal) =>
    client.referrers(name, image.manifest.digest, { signal }),
  ).value
  const targets = peers.value && targetsOf(peers.value)

  const push = async (isReplacing: boolean) => {
    const wanted = readForm(form.current!, chosen)
    if ('problem' in wanted) return setState({ is: 'malformed', problem: wanted.problem })
    setState({ is: 'checking' })
    try {
      const other = isReplacing
        ? undefined
        : await otherImageAt(wanted, wanted.digest ?? image.manifest.digest)
      if (other) return setState({ is: 'taken', by: other, at: wanted })
    } catch (failure) {
      return setState({ is: 'failed', failure })
    }
    startPush({ ...wanted, name, reference: wanted.digest ?? reference })
    form.current?.closest('dialog')?.close()
  }

  return (
    <Dialog title={`Push ${referenceText(name, shortReference(reference))}`} onClose={onClose}>
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
        <div class="row name-and-tag">
          <div class="field">
            <label for={`${id}-name`}>Repository</label>
            <input id={`${id}-name`} name="repository" class="mono" required defaultValue={name} {...PLAIN} />
          </div>
          <div class="field">
            <label for={`${id}-tag`}>Tag</label>
            <input
              id={`${id}-tag`}
              name="tag"
              class="mono"
              defaultValue={reference.includes(':') ? '' : reference}
              placeholder="none: by digest only"
              {...PLAIN}
            />
          </div>
        </div>
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

const PLAIN = { autocomplete: 'off', autocapitalize: 'none', spellcheck: false } as const

type State =
  | { readonly is: 'asking' | 'checking' }
  | { readonly is: 'malformed'; readonly problem: string }
  | { readonly is: 'failed'; readonly failure: unknown }
  /** The tag names another image there. */
  | { readonly is: 'taken'; readonly by: string; readonly at: Wanted }

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
        <p class="note warn-note" role="alert">
          <span>
            <strong>{`${state.at.repository}:${state.at.tag} is taken.`}</strong> At {state.at.target.host} it
            is another image, <code class="digest">{shortDigest(state.by)}</code>. Replace it? That image
            keeps its digest and its other tags.
          </span>
        </p>
      )}
    </div>
  )
}

interface Wanted {
  readonly target: Target
  readonly repository: string
  readonly tag: string | undefined
  readonly referrers: boolean
  /** Of the one platform that is wanted. */
  readonly digest: string | undefined
}

function readForm(form: HTMLFormElement, chosen: Chosen | undefined): Wanted | { readonly problem: string } {
  const fields = new FormData(form)
  const text = (name: string) => String(fields.get(name) ?? '').trim()
  const repository = text('repository')
  const tag = text('tag')
  if (!chosen || 'problem' in chosen) return { problem: chosen?.problem ?? 'Choose where to push it.' }
  if (!isName(repository)) return { problem: NAME_PROBLEM }
  if (tag !== '' && !isTag(tag)) return { problem: TAG_PROBLEM }
  return {
    target: chosen.target,
    repository,
    tag: tag || undefined,
    referrers: fields.has('referrers'),
    digest: text('platform') || undefined,
  }
}

/** The digest that the tag names there now, if it is not ours. */
async function otherImageAt(
  { target, repository, tag }: Wanted,
  digest: string,
): Promise<string | undefined> {
  const there = tag === undefined ? undefined : await clientOf(target).getManifest(repository, tag)
  return there && there.digest !== digest ? there.digest : undefined
}

const shortReference = (reference: string): string =>
  reference.includes(':') ? `sha256:${shortDigest(reference)}` : reference
