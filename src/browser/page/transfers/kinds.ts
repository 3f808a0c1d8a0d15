/**
 * The kinds of transfer. Another kind is a task in `Tasks`, a row here, and a module with its work, which is loaded with
 * the first transfer of that kind; `startTransfer` then starts one, and all else is the same for each: its turn, progress,
 * pause, cancel, and going on after a reload or in another tab.
 */
import type { IconName } from '../parts/icon.tsx'
import type { Kind, Transfer, Work } from './transfer.ts'

interface KindRow<K extends Kind> {
  /** What it does, before the name of what it does it to. */
  readonly doing: string
  readonly icon: IconName
  /** Loads how it works. */
  readonly load: () => Promise<Work<K>>
}

export const KINDS: { readonly [K in Kind]: KindRow<K> } = {
  import: {
    doing: 'Importing',
    icon: 'import',
    load: async () => (await import('./import/import-work.ts')).importWork,
  },
  pull: {
    doing: 'Pulling',
    icon: 'pull',
    load: async () => (await import('./pull/pull-work.ts')).pullWork,
  },
  push: {
    doing: 'Pushing',
    icon: 'push',
    load: async () => (await import('../push/push-work.ts')).pushWork,
  },
}

export const loadWork = ({ kind }: Transfer): Promise<Work<Kind>> => KINDS[kind].load() as Promise<Work<Kind>>
