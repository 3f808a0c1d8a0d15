/**
 * An image's config as people want to read it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */
import type { Descriptor } from '../../../core/oci/descriptor.ts'

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

export interface ImageConfig {
  readonly created?: string
  readonly author?: string
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
  readonly config?: {
    readonly Env?: readonly string[]
    readonly Entrypoint?: readonly string[]
    readonly Cmd?: readonly string[]
    readonly User?: string
    readonly WorkingDir?: string
    readonly StopSignal?: string
    readonly ExposedPorts?: Readonly<Record<string, unknown>>
    readonly Volumes?: Readonly<Record<string, unknown>>
    readonly Labels?: Readonly<Record<string, string>>
  }
  readonly history?: readonly HistoryEntry[]
}

/** A step of the build, with the layer that it made; one of the two may be missing. */
export interface Step {
  readonly layer?: Descriptor
  readonly history?: HistoryEntry
}

/** Pairs layers with the history: entries that made no layer stand between them. */
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

/** The instruction as it stood in the Dockerfile, as far as the builder's wrapping can be told from it. */
export const instructionOf = ({ created_by = '' }: HistoryEntry): string =>
  created_by
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^(?:RUN )?\|\d+ .*?\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .trim()

export const platformText = (
  platform: { os?: string; architecture?: string; variant?: string } | undefined,
): string => [platform?.os, platform?.architecture, platform?.variant].filter(Boolean).join('/')
