/** Tells listeners what has happened, so that a room does not have to know the rooms that act on it. */

export interface Subscribable<T> {
  /** Returns the function that ends the subscription. */
  subscribe(listener: (value: T) => void): () => void
}

export interface Emitter<T> extends Subscribable<T> {
  emit(value: T): void
}

export function createEmitter<T>(): Emitter<T> {
  const listeners = new Set<(value: T) => void>()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    emit(value) {
      for (const listener of listeners) listener(value)
    },
  }
}
