/** Pushes and pulls of this window: what runs, what waits, how each one ended. */
import { type Signal, signal } from '@preact/signals'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { keepAwake } from '../registry.ts'

export interface Part {
  readonly digest: string
  /** `layer`, `config`, `manifest` … */
  readonly kind: string
  /** In bytes; `undefined` until it is known. */
  readonly size: number | undefined
  readonly done: number
  readonly state: 'waiting' | 'running' | 'done' | 'held'
}

export interface ImageName {
  readonly name: string
  readonly reference: string
}

export type Phase =
  | { readonly is: 'waiting' | 'running' | 'cancelled' }
  /** The archive has no name for its image: one like `suggestion` is to be given. */
  | { readonly is: 'naming'; readonly suggestion: string; readonly onName: (text: string) => void }
  | { readonly is: 'done'; readonly images: readonly ImageName[] }
  | { readonly is: 'failed'; readonly failure: unknown }

export interface Progress {
  readonly done: number
  readonly total: number | undefined
  readonly parts: readonly Part[]
}

export interface Transfer {
  readonly id: number
  readonly kind: 'push' | 'pull'
  readonly title: string
  readonly phase: Signal<Phase>
  readonly progress: Signal<Progress>
  /** What is to be known of what has come, a sentence each. */
  readonly remarks: Signal<readonly string[]>
  /** As `Date.now()` tells it, once it runs. */
  readonly startedAt: Signal<number>
  cancel(): void
}

/** What a transfer does; says how it goes, and in the end what has come. */
export type Work = (transfer: Transfer, signal: AbortSignal) => Promise<readonly ImageName[]>

export const transfers = signal<readonly Transfer[]>([])

/** Milliseconds. */
const WAKING = 20_000

let count = 0
let last: Promise<unknown> = Promise.resolve()

/** Puts a transfer at the end of the line: one at a time is the fastest for all. */
export function startTransfer(kind: Transfer['kind'], title: string, work: Work): void {
  const aborting = new AbortController()
  const transfer: Transfer = {
    id: ++count,
    kind,
    title,
    phase: signal<Phase>({ is: 'waiting' }),
    progress: signal<Progress>({ done: 0, total: undefined, parts: [] }),
    remarks: signal<readonly string[]>([]),
    startedAt: signal(Date.now()),
    cancel: () => aborting.abort(),
  }
  transfers.value = [...transfers.value, transfer]
  last = last.then(() => run(transfer, work, aborting.signal))
}

export const dismissEnded = (): void => {
  transfers.value = transfers.value.filter(({ phase }) => !hasEnded(phase.value))
}

export const hasEnded = ({ is }: Phase): boolean => is === 'done' || is === 'failed' || is === 'cancelled'

async function run(transfer: Transfer, work: Work, signal: AbortSignal): Promise<void> {
  const { phase, title, startedAt } = transfer
  const waking = setInterval(keepAwake, WAKING)
  try {
    signal.throwIfAborted()
    startedAt.value = Date.now()
    phase.value = { is: 'running' }
    const images = await work(transfer, signal)
    phase.value = { is: 'done', images }
    announce(`Done: ${title}`)
  } catch (failure) {
    phase.value = signal.aborted ? { is: 'cancelled' } : { is: 'failed', failure }
    announce(signal.aborted ? `Cancelled: ${title}` : `Failed: ${title}`)
  }
  clearInterval(waking)
  tellChange()
}
