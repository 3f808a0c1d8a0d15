/**
 * The kinds of transfer. To add one, add its task to `Tasks`, a row here, and a module with its work, which is loaded
 * with the first transfer of the kind, and call `startTransfer`. Queueing, progress, pause, cancel, and resuming after a
 * reload or in another tab are the same for all kinds.
 */
import type { IconName } from '../components/icons.tsx'
import type { Kind, Transfer, Work } from './transfer.ts'

interface KindRow<K extends Kind> {
  /** The verb before the title. */
  readonly doing: string
  readonly icon: IconName
  /** Loads its implementation. */
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
