/**
 * The history of an image in readable form.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */

import type { Descriptor } from '../../../core/oci/descriptor.ts'
import type { HistoryEntry as Entry } from '../../../core/oci/image-config.ts'

/** The fields of a history entry that are shown. */
export type HistoryEntry = Partial<Pick<Entry, 'created_by' | 'empty_layer'>>

/** A step of the build with its layer; one of the two may be missing. */
export interface Step {
  readonly layer?: Descriptor
  readonly history?: HistoryEntry
}

/** Pairs layers with history entries; those without a layer stay in between. */
export function stepsOf(
  layers: readonly Descriptor[],
  history: readonly HistoryEntry[] = [],
): readonly Step[] {
  const left = [...layers]
  const made = history.filter((entry) => !entry.empty_layer).length
  if (made !== layers.length) return layers.map((layer) => ({ layer }))
  return history.map((entry) => {
    const layer = entry.empty_layer ? undefined : left.shift()
    return layer ? { layer, history: entry } : { history: entry }
  })
}

/** The Dockerfile's instruction, without what builders are known to wrap it in. */
export const instructionOf = ({ created_by = '' }: HistoryEntry): string =>
  created_by
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^(?:RUN )?\|\d+ .*?\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/# buildkit$/, '')
    .trim()

export const platformText = (
  platform:
    | { readonly os?: unknown; readonly architecture?: unknown; readonly variant?: unknown }
    | undefined,
): string => [platform?.os, platform?.architecture, platform?.variant].filter(isText).join('/')

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
