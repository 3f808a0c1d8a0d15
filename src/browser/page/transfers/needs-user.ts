/** A transfer cannot go on without its user. */
import type { Need } from './transfer.ts'

export class NeedsUser extends Error {
  readonly need: Need

  constructor(need: Need) {
    super(`needs ${need}`)
    this.need = need
  }
}
