/**
 * What a client may rely on, whatever happened to the registry: for each path the content that may be found there.
 * A request that was answered leaves one possibility; one that was cut leaves two, until the path is looked at.
 */

import type { Digest } from '../../../src/core/oci/digest.ts'
import type { Blob } from './content.ts'

/** The digest of what is served under a path; `undefined`: nothing is. */
export type Found = Digest | undefined

/** An upload that the client was told of, and what it wants to have in it at the end. */
export interface KnownUpload {
  readonly path: string
  readonly repository: string
  readonly blob: Blob
  /** Bytes that the registry has said to have. */
  acknowledged: number
  /** A request was sent that ends it. */
  ending?: 'finish' | 'cancel'
}

export class Knowledge {
  readonly uploads = new Set<KnownUpload>()
  readonly #possible = new Map<string, readonly Found[]>()
  readonly #unchecked = new Set<string>()

  /** Runs a request that makes these changes; only an answer makes them certain. One at a time for a path. */
  async change(changes: Readonly<Record<string, Found>>, request: () => Promise<unknown>): Promise<void> {
    for (const [path, found] of Object.entries(changes)) {
      this.#unchecked.add(path)
      this.#possible.set(path, [...this.possible(path), found])
    }
    await request()
    for (const [path, found] of Object.entries(changes)) this.settle(path, found)
  }

  possible(path: string): readonly Found[] {
    return this.#possible.get(path) ?? [undefined]
  }

  settle(path: string, found: Found): void {
    this.#possible.set(path, [found])
  }

  /** Paths under `prefix` where something certainly is. */
  present(prefix: string): string[] {
    return [...this.#possible]
      .filter(([path, [found, ...others]]) => path.startsWith(prefix) && found && others.length === 0)
      .map(([path]) => path)
  }

  all(): string[] {
    return [...this.#possible.keys()]
  }

  /** Paths that requests were made to since the last call. */
  takeUnchecked(): string[] {
    const paths = [...this.#unchecked]
    this.#unchecked.clear()
    return paths
  }
}
