/** A form for the image to compare with, which suggests tags of the same repository. */
import { useState } from 'preact/hooks'
import { Problem } from '../components/problem.tsx'
import { navigate } from '../navigation.ts'
import { readImages } from '../requests/admin.ts'
import { useQuery } from '../requests/use-query.ts'
import { comparePath, parseImageReference, referenceText } from '../route.ts'

interface FormProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  readonly other: string | undefined
}

const MAX_SUGGESTIONS = 100

export function CompareForm({ name, reference, platform, other = '' }: FormProps) {
  const [text, setText] = useState(other)
  const [isWrong, setWrong] = useState(false)
  const { value: images } = useQuery(name, (signal) => readImages(name, undefined, { signal }))
  const own = referenceText(name, reference)
  const tags = [...new Set(images?.entries.flatMap(({ tags }) => tags))].filter((tag) => tag !== reference)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const written = fullReference(text.trim(), name)
    setWrong(written === undefined)
    if (written) navigate(comparePath(name, reference, { platform, other: written }))
  }
  return (
    <form class="compare-form" onSubmit={submit}>
      <label>
        Compare with
        <input
          class="input"
          list="compare-tags"
          required
          autocomplete="off"
          spellcheck={false}
          placeholder={tags[0] === undefined ? 'name:tag' : referenceText(name, tags[0])}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <datalist id="compare-tags">
        {tags.slice(0, MAX_SUGGESTIONS).map((tag) => (
          <option key={tag} value={referenceText(name, tag)} />
        ))}
      </datalist>
      <button type="submit" class="button primary">
        Compare
      </button>
      {other && parseImageReference(other) && (
        <a class="button" href={swapped(other, own, platform)}>
          Swap
        </a>
      )}
      {isWrong && (
        <Problem
          title="This is not an image."
          failure="an image is written as name:tag or name@digest; a tag alone means one of this repository"
        />
      )}
    </form>
  )
}

function swapped(other: string, own: string, platform: string | undefined): string {
  const { name, reference } = parseImageReference(other)!
  return comparePath(name, reference, { platform, other: own })
}

/** A tag or digest without a name is one of the same repository. */
function fullReference(text: string, name: string): string | undefined {
  if (/^:?[\w][\w.-]*$/.test(text) && !text.includes('/')) {
    const tag = referenceText(name, text.replace(/^:/, ''))
    return parseImageReference(tag) && tag
  }
  if (/^@?sha\d+:/.test(text)) return fullReference(`${name}@${text.replace(/^@/, '')}`, name)
  const parsed = parseImageReference(text)
  return parsed && referenceText(parsed.name, parsed.reference)
}
