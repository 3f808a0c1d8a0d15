/**
 * Scalars that YAML does not take for text, such as `true`, `0x1f` and `1.10`, with the text that they were written as:
 * where a setting is text, Distribution takes that, as Go's decoder does.
 */

/** Without properties of its own, as it is no map. */
export class Plain {
  readonly #value: unknown
  readonly #text: string

  constructor(value: unknown, text: string) {
    this.#value = value
    this.#text = text
  }

  get value(): unknown {
    return this.#value
  }

  get text(): string {
    return this.#text
  }
}
