/** Form fields of the push and copy dialogs: name, tag, platform, and messages about invalid or taken names. */
import { useId } from 'preact/hooks'
import type { Client } from '../../../core/client/client.ts'
import { isName, isTag } from '../../../core/oci/name.ts'
import { shortDigest } from '../components/text.ts'
import { referenceText } from '../route.ts'
import type { Image } from './use-image.ts'

interface FieldsProps {
  readonly name: string
  readonly tagLabel: string
  /** If absent, the tag is required and has the focus at first. */
  readonly tag?: string | undefined
}

export function NameFields({ name, tagLabel, tag }: FieldsProps) {
  const id = useId()
  const isNew = tag === undefined
  return (
    <div class="row name-and-tag">
      <div class="field">
        <label for={`${id}-name`}>Repository</label>
        <input id={`${id}-name`} name="repository" class="mono" required defaultValue={name} {...PLAIN} />
      </div>
      <div class="field">
        <label for={`${id}-tag`}>{tagLabel}</label>
        <input
          id={`${id}-tag`}
          name="tag"
          class="mono"
          defaultValue={tag ?? ''}
          placeholder={isNew ? undefined : 'none: by digest only'}
          required={isNew}
          autofocus={isNew}
          {...PLAIN}
        />
      </div>
    </div>
  )
}

const PLAIN = { autocomplete: 'off', autocapitalize: 'none', spellcheck: false } as const

export interface GivenName {
  readonly repository: string
  readonly tag: string | undefined
}

/** The name in the form, or what is wrong with it. */
export function readName(fields: FormData): GivenName | { readonly problem: string } {
  const repository = textIn(fields, 'repository')
  const tag = textIn(fields, 'tag')
  if (!isName(repository)) return { problem: NAME_PROBLEM }
  if (tag !== '' && !isTag(tag)) return { problem: TAG_PROBLEM }
  return { repository, tag: tag || undefined }
}

export const textIn = (fields: FormData, name: string): string => String(fields.get(name) ?? '').trim()

const NAME_PROBLEM =
  'A repository is written in lower case, such as team/app: letters and digits, with . _ - / between them.'

const TAG_PROBLEM =
  'A tag has letters, digits and . _ -, at most 128 of them, and begins with a letter, a digit or _.'

/** The digest that the tag refers to at `client`, if it is a different one. */
export async function otherImageAt(
  client: Client,
  { repository, tag }: GivenName,
  digest: string,
): Promise<string | undefined> {
  const there = tag === undefined ? undefined : await client.getManifest(repository, tag)
  return there && there.digest !== digest ? there.digest : undefined
}

interface TakenProps {
  readonly name: string
  /** Starts a sentence: `At localhost:5000`. */
  readonly where: string
  readonly digest: string
}

export const TakenNote = ({ name, where, digest }: TakenProps) => (
  <p class="note warn-note" role="alert">
    <span>
      <strong>{name} is taken.</strong> {where} it is another image,{' '}
      <code class="digest">{shortDigest(digest)}</code>. Replace it? That image keeps its digest and its other
      tags.
    </span>
  </p>
)

/** For titles, because digests are long. */
export const shortReferenceText = (name: string, reference: string): string =>
  referenceText(name, reference.includes(':') ? `sha256:${shortDigest(reference)}` : reference)

interface PlatformProps {
  readonly image: Image
  /** Offers only platforms that are completely stored here. */
  readonly isStoredOnly?: boolean
}

export function PlatformField({ image: { stored, platforms }, isStoredOnly = false }: PlatformProps) {
  const id = useId()
  if (platforms.length === 0) return null
  const isWhole = stored?.missing === 0
  const whole = platforms.filter(({ stored }) => stored?.missing === 0)
  const first = isWhole || whole.length === 0 ? '' : whole[0]!.descriptor.digest
  const offered = isStoredOnly ? whole : platforms
  return (
    <div class="field">
      <label for={id}>Platforms</label>
      <select id={id} name="platform" defaultValue={first}>
        {(isWhole || !isStoredOnly) && (
          <option value="">{`All ${platforms.length} platforms${isWhole ? '' : '; those not stored here are pulled first'}`}</option>
        )}
        {offered.map(({ descriptor: { digest }, text, stored }) => (
          <option key={digest} value={digest} selected={digest === first}>
            {`Only ${text}${stored?.missing === 0 ? '' : '; pulled first'}`}
          </option>
        ))}
      </select>
    </div>
  )
}
