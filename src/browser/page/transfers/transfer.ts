/** What a transfer is: an import, a pull or a push, how far it is and how it ended. */
import type { Signal } from '@preact/signals'
import type { FailureText } from '../parts/failure-text.ts'
import type { PushTask } from '../push/push-task.ts'
import type { ImportTask } from './import/import-task.ts'
import type { PullTask } from './pull/pull-task.ts'
import type { Turn } from './turn.ts'

/**
 * What each kind of transfer is to do. It is kept in IndexedDB, so that the transfer can go on after a reload: whatever
 * can be cloned may be in it.
 */
export interface Tasks {
  readonly import: ImportTask
  readonly pull: PullTask
  readonly push: PushTask
}

export type Kind = keyof Tasks

/** One blob or manifest of a transfer. */
export interface Part {
  readonly digest: string
  /** `layer`, `config`, `manifest` … */
  readonly kind: string
  /** In bytes; `undefined` until it is known. */
  readonly size: number | undefined
  readonly done: number
  /** `held` was here before; `done` has come by this transfer. */
  readonly state: 'waiting' | 'running' | 'done' | 'held'
}

export interface ImageName {
  readonly name: string
  readonly reference: string
}

/** What its user has to do before it goes on. */
export type Need = 'nothing' | 'permission' | 'file'

export type Phase =
  | { readonly is: 'waiting' | 'running' }
  /** The archive has no name for its image: one like `suggestion` is to be given. */
  | { readonly is: 'naming'; readonly suggestion: string; readonly onName?: (text: string) => void }
  /** By its user, or because the tab that did the work has gone. */
  | { readonly is: 'paused'; readonly by: 'user' | 'interruption'; readonly needs: Need }
  | { readonly is: 'done'; readonly images: readonly ImageName[]; readonly at: number }
  | { readonly is: 'failed'; readonly failure: FailureText; readonly at: number }
  | { readonly is: 'cancelled'; readonly at: number }

export interface Progress {
  readonly done: number
  readonly total: number | undefined
  /** Bytes per second of what moved lately; `undefined` until that is known. */
  readonly speed: number | undefined
  readonly parts: readonly Part[]
}

export interface Transfer<K extends Kind = Kind> {
  readonly id: string
  readonly kind: K
  readonly title: string
  /** It may learn what has to be known after a reload, such as a name that its user gave. */
  readonly task: Signal<Tasks[K]>
  /** As `Date.now()` tells it. */
  readonly createdAt: number
  readonly phase: Signal<Phase>
  readonly progress: Signal<Progress>
  /** What is to be known of what has come, a sentence each. */
  readonly remarks: Signal<readonly string[]>
}

/** How a kind of transfer works; `kinds.ts` names the module of each. */
export interface Work<K extends Kind> {
  /**
   * Does it, or what is left of it: what is here already is to be found out. Tells `transfer.progress` how far it is.
   *
   * @param signal - aborted where it is to be paused or cancelled
   * @returns the images that have come
   */
  run(transfer: Transfer<K>, signal: AbortSignal, turn: Turn): Promise<readonly ImageName[]>
  /** What is needed to go on in this tab. */
  needs(transfer: Transfer<K>): Promise<Need>
  /** Removes what only it has brought, after it was cancelled. */
  undo?(transfer: Transfer<K>): Promise<void>
}

export const NO_PROGRESS: Progress = { done: 0, total: undefined, speed: undefined, parts: [] }

export const hasEnded = ({ is }: Phase): boolean => is === 'done' || is === 'failed' || is === 'cancelled'

/** A tab has it in hand, and will go on by itself. */
export const isActive = ({ is }: Phase): boolean => is === 'waiting' || is === 'running' || is === 'naming'
