/** What the test has its pages do: each page that asks gets one task at a time, and tells what came of it. */
import type { Json } from '../port.ts'

/** Milliseconds for one task, on a busy machine. */
const PATIENCE = 40_000

/** Milliseconds after which a page that has nothing to do asks again. */
const ASK_AGAIN = 10_000

/** A page that requests a task. */
export interface Asking {
  /** Another one after each load. */
  readonly page: string
  readonly address: string
  /** Has `leave` called when the page can be told nothing any more. */
  onceGone(leave: () => void): void
}

export interface Tasks {
  /** The next task, as soon as there is one. */
  next(asking: Asking): Promise<string | undefined>
  /** The module that does it. */
  codeOf(task: string): string | undefined
  /** @throws Error where no page tells in time what came of it, or tells that it failed */
  add(work: unknown, argument: Json): Promise<unknown>
  finish(outcome: { task: string; value?: unknown; error?: string }): void
  /** Resolves when a page has requested a task. */
  firstPage(): Promise<void>
  /** Resolves when a different page requests a task. */
  nextPage(): Promise<void>
  /** To find the cause of a failure. */
  state(): string
}

interface Task {
  readonly code: string
  readonly done: PromiseWithResolvers<unknown>
}

export function createTasks(): Tasks {
  const tasks = new Map<string, Task>()
  const waiting: string[] = []
  let page = ''
  let address = 'no page yet'
  let lastAsked = Date.now()
  let pageBegun = Promise.withResolvers<void>()
  const firstPage = pageBegun.promise
  let hand: ((task: string) => void) | undefined

  function turnTo(next: string): void {
    for (const [id, { done }] of tasks) {
      if (!waiting.includes(id)) done.reject(new Error('another page was loaded meanwhile'))
    }
    page = next
    pageBegun.resolve()
  }

  function forget(task: string): void {
    tasks.delete(task)
    if (waiting.includes(task)) waiting.splice(waiting.indexOf(task), 1)
  }

  return {
    async next(asking) {
      address = asking.address
      lastAsked = Date.now()
      if (asking.page !== page) turnTo(asking.page)
      if (waiting.length > 0) return waiting.shift()
      const given = Promise.withResolvers<string | undefined>()
      hand = given.resolve
      asking.onceGone(() => given.resolve(undefined))
      const timer = setTimeout(given.resolve, ASK_AGAIN, undefined)
      return await given.promise.finally(() => {
        clearTimeout(timer)
        if (hand === given.resolve) hand = undefined
      })
    },
    codeOf: (task) => tasks.get(task)?.code,
    add(work, argument) {
      const task = crypto.randomUUID()
      const code = `export const argument = ${JSON.stringify(argument)}\nexport const work = ${work}`
      const done = Promise.withResolvers<unknown>()
      tasks.set(task, { code, done })
      if (hand) hand(task)
      else waiting.push(task)
      const what = `${String(work).slice(0, 200)} in the page`
      return inTime(done.promise, what).finally(() => forget(task))
    },
    finish({ task, value, error }) {
      const done = tasks.get(task)?.done // none where the test waits no longer
      if (error === undefined) done?.resolve(value)
      else done?.reject(new Error(error))
    },
    firstPage: () => inTime(firstPage, 'the first page'),
    async nextPage() {
      pageBegun = Promise.withResolvers()
      await inTime(pageBegun.promise, `a page that loads, after ${address}`)
    },
    state: () => {
      const age = Math.round((Date.now() - lastAsked) / 1000)
      return `the page: ${address}, which last asked for work ${age} s ago`
    },
  }
}

async function inTime<T>(result: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no sign of ${what}`)), PATIENCE)
  return await Promise.race([result, late.promise]).finally(() => clearTimeout(timer))
}
