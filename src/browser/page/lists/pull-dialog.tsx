/** Asks what of a repository elsewhere is to be pulled: which tags, and one platform or all. */
import { useState } from 'preact/hooks'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { announce } from '../parts/announcement.tsx'
import { closeDialogOf, Dialog } from '../parts/dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { type PeerTag, readPeerTags } from '../requests/peers.ts'
import { referenceText } from '../route.ts'
import { useLoaded } from '../use-loaded.ts'
import { readFacts } from './image-facts.ts'
import { compareVersions } from './order.ts'
import { pullTag } from './pull.ts'

export interface PullWish {
  readonly repository: string
  /** The peer whose tags they are. */
  readonly remote: string
  /** These; where there are none, those of the repository are offered. */
  readonly tags?: readonly PeerTag[]
}

/** More tags are found on the repository's own page. */
const MOST_OFFERED = 200

export function PullDialog({ wish, onClose }: { wish: PullWish; onClose: () => void }) {
  const { repository, remote, tags } = wish
  const { value = tags, failure } = useLoaded(
    `tags ${remote} ${repository}`,
    async (signal) => tags ?? (await readPeerTags(remote, repository, undefined, { signal })).entries,
  )
  const offered = value
    ?.toSorted((one, other) => compareVersions(other.name, one.name))
    .slice(0, MOST_OFFERED)
  const title = offered?.length === 1 ? referenceText(repository, offered[0]!.name) : repository
  return (
    <Dialog title={`Pull ${title}`} onClose={onClose}>
      {failure !== undefined && <Problem title="The tags could not be read." failure={failure} />}
      {!offered && failure === undefined && <p class="quiet">Reading the tags…</p>}
      {offered && <PullChoices repository={repository} tags={offered} />}
    </Dialog>
  )
}

function PullChoices({ repository, tags }: { repository: string; tags: readonly PeerTag[] }) {
  const [chosen, setChosen] = useState<readonly string[]>(tags.slice(0, 1).map(({ name }) => name))
  const [platform, setPlatform] = useState(ALL)
  const wanted = tags.filter(({ name }) => chosen.includes(name))
  const platforms = usePlatforms(repository, wanted)
  const pull = async (event: SubmitEvent) => {
    event.preventDefault()
    closeDialogOf(event)
    announce(`Pulling ${countText(wanted.length, 'tag')} of ${repository}`)
    for (const tag of wanted)
      await pullTag(
        { repository, tag: tag.name, digest: tag.digest },
        await digestFor(repository, tag, platform),
      )
  }
  return (
    <form class="form" onSubmit={pull}>
      {tags.length > 1 && <TagChoices tags={tags} chosen={chosen} onChoose={setChosen} />}
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
      <div class="form-actions">
        <button type="button" class="button" onClick={closeDialogOf}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={wanted.length === 0}>
          {wanted.length > 1 ? `Pull ${wanted.length} tags` : 'Pull'}
        </button>
      </div>
    </form>
  )
}

const ALL = 'all'

/** Those of all that is chosen, as far as that is known; one image has one platform, and nothing to choose. */
function usePlatforms(repository: string, tags: readonly PeerTag[]): readonly string[] {
  const indexes = tags.filter(({ mediaType }) => isIndexType(mediaType)).slice(0, 10)
  const key = indexes.map(({ digest }) => digest).join(' ')
  const { value = [] } = useLoaded(`platforms ${key}`, async () => {
    const facts = await Promise.allSettled(indexes.map(({ digest }) => readFacts(repository, digest)))
    return facts.flatMap((fact) => (fact.status === 'fulfilled' ? fact.value.platforms : []))
  })
  return [...new Set(value.map(({ text }) => text))].filter(Boolean)
}

/** All of it where it has no image for that platform. */
async function digestFor(repository: string, { digest, mediaType }: PeerTag, platform: string) {
  if (platform === ALL || !isIndexType(mediaType)) return undefined
  const { platforms } = await readFacts(repository, digest)
  return platforms.find(({ text }) => text === platform)?.digest
}

interface TagChoicesProps {
  readonly tags: readonly PeerTag[]
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
        onChange={(event) => onChoose(event.currentTarget.checked ? tags.map(({ name }) => name) : [])}
      />
      All {tags.length}
    </label>
    {tags.map(({ name, bytes }) => (
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
