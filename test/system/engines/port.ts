/**
 * What the smoke tests need of a browser, small enough for every driver: WebDriver, a debugging protocol, or a program
 * around the engine. Everything in a page goes through {@link OpenBrowser.run}.
 */

export interface Engine {
  readonly name: string
  /** Whether a private window has storage for the registry, by the engine's own rules. */
  readonly privateWindow: 'works' | 'without storage'
  /** A new browser with one empty tab and a temporary profile. */
  open(options?: { readonly isPrivate?: boolean }): Promise<OpenBrowser>
}

export interface OpenBrowser extends AsyncDisposable {
  /** Resolves when the page has loaded; its service worker may not answer for it yet. */
  goto(url: string): Promise<void>
  reload(): Promise<void>
  /**
   * Runs in the page, by itself: `work` is sent as text. What it takes and gives is JSON; promises are awaited.
   *
   * @throws what `work` throws, at least its message
   */
  run<A extends Json, R>(work: (argument: A) => R | Promise<R>, argument: A): Promise<R>
  /** Chooses files in the first input that matches `selector`, as users do. */
  chooseFiles(selector: string, paths: readonly string[]): Promise<void>
  /** Its URL and console output, to find the cause of a failure. Also after it has ended. */
  state?(): string
}

export type Json =
  | undefined
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }
