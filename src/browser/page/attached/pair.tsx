/** A name with what a stranger says for it; nothing where nothing is said. */
import type { ComponentChildren } from 'preact'
import { visibleText } from '../parts/visible-text.ts'

export const Pair = ({ name, children }: { name: string; children: ComponentChildren }) =>
  children ? (
    <div>
      <dt>{name}</dt>
      <dd>{typeof children === 'string' ? visibleText(children) : children}</dd>
    </div>
  ) : null
