/** Fields for the name that an image gets elsewhere, and what is said of a name that is wrong or taken. */
import { useId } from 'preact/hooks'
import type { Client } from '../../../core/client/client.ts'
import { isName, isTag } from '../../../core/oci/name.ts'
import { shortDigest } from '../parts/texts.ts'
import { referenceText } from '../route.ts'

interface FieldsProps {
  readonly name: string
  readonly tagLabel: string
  /** Without it, the tag is to be typed, and is where the focus begins. */
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

/** What the form says now, or what is wrong with it. */
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

/** The digest that a tag names there now, if it is another one. */
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
  /** Where, in a sentence: `At localhost:5000`. */
  readonly place: string
  readonly digest: string
}

export const TakenNote = ({ name, place, digest }: TakenProps) => (
  <p class="note warn-note" role="alert">
    <span>
      <strong>{name} is taken.</strong> {place} it is another image,{' '}
      <code class="digest">{shortDigest(digest)}</code>. Replace it? That image keeps its digest and its other
      tags.
    </span>
  </p>
)

/** For a title: digests are long. */
export const shortReferenceText = (name: string, reference: string): string =>
  referenceText(name, reference.includes(':') ? `sha256:${shortDigest(reference)}` : reference)
