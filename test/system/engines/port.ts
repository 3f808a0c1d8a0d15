/**
 * What the smoke tests ask of a browser, so small that every driver can give it: WebDriver, a debugger's protocol, or a
 * program around the engine itself. All that happens in a page goes through {@link OpenBrowser.run}.
 */

export interface Engine {
  readonly name: string
  /** Whether a private window has storage for the registry, by the engine's own rules. */
  readonly privateWindow: 'works' | 'without storage'
  /** A new browser with one empty tab, on a profile of its own, which goes with it. */
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
  /** Chooses files in the first input that fits `selector`, as its user does. */
  chooseFiles(selector: string, paths: readonly string[]): Promise<void>
  /** Where it is and what its console says, for whoever looks for the cause of a failure. Also when it has ended. */
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
