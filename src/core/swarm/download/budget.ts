/** Bytes of memory for one purpose, shared by all who need it. */

export interface Budget {
  /** `false` where there are not so many left. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function createBudget(total: number): Budget {
  let left = total
  return {
    take(bytes) {
      if (bytes > left) return false
      left -= bytes
      return true
    },
    give(bytes) {
      left += bytes
    },
  }
}
