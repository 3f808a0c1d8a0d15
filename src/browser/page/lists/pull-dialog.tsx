/** Asks which tags of a peer's repository to pull, and for which platforms. */
import { useState } from 'preact/hooks'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { announce } from '../components/announcement.tsx'
import { closeDialogOf, Dialog } from '../components/dialog.tsx'
import { compareVersions } from '../components/order.ts'
import { Problem } from '../components/problem.tsx'
import { countText, sizeText } from '../components/text.ts'
import { readPeerTags } from '../requests/peers.ts'
import { useQuery } from '../requests/use-query.ts'
import { referenceText } from '../route.ts'
import { NO_FACTS, readFacts } from './image-facts.ts'
import { pullTag } from './pull.ts'
import { remoteText } from './remote-notes.tsx'
import type { Remote, RemoteTag } from './remotes.ts'

export interface PullTarget {
  readonly repository: string
  /** The peer whose tags are offered if `tags` is absent. */
  readonly remote: Remote
  readonly tags?: readonly RemoteTag[]
}

/** Images whose platforms are read before they are offered. */
const MAX_INDEXES_READ = 10

/** More tags are found on the repository's own page. */
const MAX_TAGS = 200

export function PullDialog({ target, onClose }: { target: PullTarget; onClose: () => void }) {
  const { repository, remote, tags } = target
  const { value = tags, failure } = useQuery(
    `tags ${remote.id} ${repository}`,
    async (signal) => tags ?? (await readTags(remote, repository, signal)),
  )
  const offered = value
    ?.toSorted((one, other) => compareVersions(other.tag.name, one.tag.name))
    .slice(0, MAX_TAGS)
  const title = offered?.length === 1 ? referenceText(repository, offered[0]!.tag.name) : repository
  return (
    <Dialog title={`Pull ${title}`} onClose={onClose}>
      {failure !== undefined && <Problem title="The tags could not be read." failure={failure} />}
      {!offered && failure === undefined && <p class="quiet">Reading the tags…</p>}
      {offered && <PullChoices repository={repository} offered={offered} isAll={tags !== undefined} />}
    </Dialog>
  )
}

const readTags = async (remote: Remote, repository: string, signal: AbortSignal): Promise<RemoteTag[]> =>
  (await readPeerTags(remote.id, repository, undefined, { signal })).entries.map((tag) => ({ remote, tag }))

interface ChoicesProps {
  readonly repository: string
  readonly offered: readonly RemoteTag[]
  /** Whether all of them are selected at first. */
  readonly isAll: boolean
}

function PullChoices({ repository, offered, isAll }: ChoicesProps) {
  const [chosen, setChosen] = useState(namesOf(isAll ? offered : offered.slice(0, 1)))
  const [platform, setPlatform] = useState(ALL)
  const selected = offered.filter(({ tag }) => chosen.includes(tag.name))
  const untrusted = selected.find(({ remote }) => !remote.isTrusted)
  const platforms = usePlatforms(repository, selected)
  const pull = async (event: SubmitEvent) => {
    event.preventDefault()
    closeDialogOf(event)
    announce(`Pulling ${countText(selected.length, 'tag')} of ${repository}`)
    for (const { tag, remote } of selected) {
      const { isTrusted } = remote
      const pullable = { repository, tag: tag.name, digest: tag.digest, isTrusted }
      await pullTag(pullable, await digestFor(repository, tag, platform))
    }
  }
  return (
    <form class="form" onSubmit={pull}>
      {offered.length > 1 && <TagChoices tags={offered} chosen={chosen} onChoose={setChosen} />}
      {platforms.length > 1 && (
        <div class="field">
          <label for="pull-platform">Platforms</label>
          <select
            id="pull-platform"
            value={platform}
            onChange={(event) => setPlatform(event.currentTarget.value)}
          >
            <option value={ALL}>All {platforms.length} platforms</option>
            {platforms.map((text) => (
              <option key={text} value={text}>
                Only {text}
              </option>
            ))}
          </select>
        </div>
      )}
      {untrusted && (
        <p class="hint">
          You do not trust the tags of {remoteText(untrusted.remote)}: its image is stored by its digest,
          without a tag.
        </p>
      )}
      <div class="form-actions">
        <button type="button" class="button" onClick={closeDialogOf}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={selected.length === 0}>
          {selected.length > 1 ? `Pull ${selected.length} tags` : 'Pull'}
        </button>
      </div>
    </form>
  )
}

const ALL = 'all'

const namesOf = (tags: readonly RemoteTag[]): readonly string[] => tags.map(({ tag }) => tag.name)

/** The platforms of all selected indexes, as far as they can be read; a single image leaves no choice. */
function usePlatforms(repository: string, tags: readonly RemoteTag[]): readonly string[] {
  const indexes = tags.filter(({ tag }) => isIndexType(tag.mediaType)).slice(0, MAX_INDEXES_READ)
  const key = indexes.map(({ tag }) => tag.digest).join(' ')
  const { value = [] } = useQuery(`platforms ${key}`, async () => {
    const facts = await Promise.allSettled(indexes.map(({ tag }) => readFacts(repository, tag.digest)))
    return facts.flatMap((fact) => (fact.status === 'fulfilled' ? fact.value.platforms : []))
  })
  return [...new Set(value.map(({ text }) => text))].filter(Boolean)
}

/** `undefined`, which pulls everything, if the image has no such platform. */
async function digestFor(repository: string, { digest, mediaType }: RemoteTag['tag'], platform: string) {
  if (platform === ALL || !isIndexType(mediaType)) return undefined
  const { platforms } = await readFacts(repository, digest).catch(() => NO_FACTS)
  return platforms.find(({ text }) => text === platform)?.digest
}

interface TagChoicesProps {
  readonly tags: readonly RemoteTag[]
  readonly chosen: readonly string[]
  readonly onChoose: (chosen: readonly string[]) => void
}

const TagChoices = ({ tags, chosen, onChoose }: TagChoicesProps) => (
  <fieldset class="tag-choices">
    <legend>Tags</legend>
    <label class="check">
      <input
        type="checkbox"
        checked={chosen.length === tags.length}
        onChange={(event) => onChoose(event.currentTarget.checked ? namesOf(tags) : [])}
      />
      All {tags.length}
    </label>
    {tags.map(({ tag: { name, bytes } }) => (
      <label key={name} class="check">
        <input
          type="checkbox"
          checked={chosen.includes(name)}
          onChange={() =>
            onChoose(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name])
          }
        />
        <span class="wrap">{name}</span> <span class="quiet numbers">{sizeText(bytes)}</span>
      </label>
    ))}
  </fieldset>
)
