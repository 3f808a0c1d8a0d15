/** Empties the registry of a page while its worker has closed it. Runs in the page, so it uses nothing from outside. */
export async function wipe(): Promise<void> {
  const store = 'flotilla-store'
  const channel = new BroadcastChannel(store)
  const ask = () => channel.postMessage('let go')
  const asking = setInterval(ask, 100) // requests of the page may reopen it before this one is queued
  const wiped = navigator.locks.request(store, async () => {
    clearInterval(asking)
    const root = await navigator.storage.getDirectory()
    for await (const name of root.keys()) await remove(root, name)
    for (const { name } of await indexedDB.databases()) await forget(name!)
  })
  ask()
  await wiped.finally(() => channel.close())

  /** The disk may still be removing a file that was being read, which is locked meanwhile. */
  async function remove(root: FileSystemDirectoryHandle, name: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await root.removeEntry(name, { recursive: true })
      } catch (error) {
        const isLocked = error instanceof DOMException && error.name === 'NoModificationAllowedError'
        if (!isLocked || attempt === 100) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  function forget(name: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = resolve
      request.onerror = () => reject(request.error)
    })
  }
}
