/** Bounds how many questions are answered at the same time, so that nobody keeps this peer from answering others. */
import { RegistryError } from '../../core/oci/error.ts'

/** Of one asker, over however many connections. Behind a proxy, all askers are one. */
const MOST_OF_ONE = 128

const MOST = 512

export interface QuestionLimit {
  /** One more, until what this gives is called. @throws RegistryError TOOMANYREQUESTS */
  begin(asker: string): () => void
}

export function createQuestionLimit(): QuestionLimit {
  const askers = new Map<string, number>()
  let all = 0
  return {
    begin(asker) {
      const count = askers.get(asker) ?? 0
      if (all >= MOST || count >= MOST_OF_ONE) throw new RegistryError('TOOMANYREQUESTS')
      all++
      askers.set(asker, count + 1)
      return () => {
        all--
        const rest = askers.get(asker)! - 1
        if (rest > 0) askers.set(asker, rest)
        else askers.delete(asker)
      }
    },
  }
}
