/** A Web Lock as a function that frees it, for what does not begin and end in one scope. */

export type Acquired = () => void

/**
 * @param options.onLost - called when somebody has taken it away by force
 *
 * @throws the reason of `signal` where that aborts first
 */
export function acquireLock(
  name: string,
  { signal, onLost }: { readonly signal: AbortSignal; readonly onLost?: (() => void) | undefined },
): Promise<Acquired> {
  const { promise, resolve, reject } = Promise.withResolvers<Acquired>()
  let isHeld = false
  const hold = () =>
    new Promise<void>((release) => {
      isHeld = true
      resolve(release)
    })
  navigator.locks.request(name, { signal }, hold).catch((reason) => {
    if (isHeld) onLost?.()
    else reject(reason)
  })
  return promise
}
