/** The model of a transfer: an import, a pull or a push, its progress and its result. */
import type { Signal } from '@preact/signals'
import type { FailureText } from '../components/failure-text.ts'
import type { TransferSlot } from './slot.ts'
import type { ImportTask, PullTask, PushTask } from './tasks.ts'

/**
 * The task of each kind of transfer. It is stored in IndexedDB, so that the transfer can be resumed after a reload, and
 * has to be cloneable.
 */
export interface Tasks {
  readonly import: ImportTask
  readonly pull: PullTask
  readonly push: PushTask
}

export type Kind = keyof Tasks

/** A blob or manifest of a transfer. */
export interface Part {
  readonly digest: string
  /** `layer`, `config`, `manifest` … */
  readonly kind: string
  /** In bytes; `undefined` until it is known. */
  readonly size: number | undefined
  readonly done: number
  /** `held`: it was here before. `done`: this transfer has stored it. */
  readonly state: 'waiting' | 'running' | 'done' | 'held'
}

export interface ImageName {
  readonly name: string
  readonly reference: string
}

/** What the user has to do before it can be resumed. */
export type Need = 'nothing' | 'permission' | 'file'

export type Phase =
  | { readonly is: 'waiting' | 'running' }
  /** The archive does not name its image, so the user has to. */
  | { readonly is: 'naming'; readonly suggestion: string; readonly onName?: (text: string) => void }
  /** By the user, or because the tab that ran it was closed. */
  | { readonly is: 'paused'; readonly by: 'user' | 'interruption'; readonly needs: Need }
  | { readonly is: 'done'; readonly images: readonly ImageName[]; readonly at: number }
  | { readonly is: 'failed'; readonly failure: FailureText; readonly at: number }
  | { readonly is: 'cancelled'; readonly at: number }

export interface Progress {
  readonly done: number
  readonly total: number | undefined
  /** Bytes per second; `undefined` until it is known. */
  readonly speed: number | undefined
  readonly parts: readonly Part[]
}

export interface Transfer<K extends Kind = Kind> {
  readonly id: string
  readonly kind: K
  readonly title: string
  /** Updated with what has to be known after a reload, such as a name that the user gave. */
  readonly task: Signal<Tasks[K]>
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly phase: Signal<Phase>
  readonly progress: Signal<Progress>
  /** Remarks about the result, a sentence each. */
  readonly remarks: Signal<readonly string[]>
}

/** The implementation of a kind of transfer; `kinds.ts` loads it. */
export interface Work<K extends Kind> {
  /**
   * Runs the transfer, or resumes it: it has to find out what is already done. Updates `transfer.progress`.
   *
   * @param signal - aborted if the transfer is paused or cancelled
   * @returns the images that were transferred
   */
  run(transfer: Transfer<K>, signal: AbortSignal, slot: TransferSlot): Promise<readonly ImageName[]>
  /** What is needed to go on in this tab. */
  needs(transfer: Transfer<K>): Promise<Need>
  /** After it was cancelled: removes what only it has stored. */
  undo?(transfer: Transfer<K>): Promise<void>
}

export const NO_PROGRESS: Progress = { done: 0, total: undefined, speed: undefined, parts: [] }

export const hasEnded = ({ is }: Phase): boolean => is === 'done' || is === 'failed' || is === 'cancelled'

/** Whether a tab is running it. */
export const isActive = ({ is }: Phase): boolean => is === 'waiting' || is === 'running' || is === 'naming'

export class NeedsUserError extends Error {
  readonly need: Need

  constructor(need: Need) {
    super(`needs ${need}`)
    this.need = need
  }
}
