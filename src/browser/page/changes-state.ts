/** A count of what changed in the registry, so that every view reads again what it shows. */
import { signal } from '@preact/signals'

export const changes = signal(0)

export const tellChange = (): void => {
  changes.value++
}
