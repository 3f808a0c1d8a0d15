/** Headings of views. A view's heading is the window's title too, and gets the focus when the view changes. */

import { effect, signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { imagePath, referenceText, repositoriesPath, repositoryPath } from '../route.ts'

export function Heading({ text, children }: { text: string; children?: ComponentChildren }) {
  useEffect(() => {
    viewTitle.value = text === 'Images' ? 'Flotilla' : `${text} – Flotilla`
  }, [text])
  return <h1 tabIndex={-1}>{children ?? text}</h1>
}

export const viewTitle = signal(document.title)

/** Such as `45 %`. */
export const titlePrefix = signal<string | undefined>(undefined)

effect(() => {
  document.title = titlePrefix.value ? `${titlePrefix.value} – ${viewTitle.value}` : viewTitle.value
})

interface SideHeadProps {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  readonly title: string
}

export const ImageSubpageHead = ({ name, reference, platform, title }: SideHeadProps) => (
  <header class="view-head">
    <nav class="crumbs" aria-label="Breadcrumb">
      <a href={repositoriesPath}>Images</a> <a href={repositoryPath(name)}>{name}</a>{' '}
      <a href={imagePath(name, reference, platform)}>{referenceText(name, reference)}</a>
    </nav>
    <Heading text={title} />
  </header>
)
