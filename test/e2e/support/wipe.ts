/** Empties the registry of a page, in a moment when its worker has it closed. Runs in the page, so it stands alone. */
export async function wipe(): Promise<void> {
  const store = 'flotilla-store'
  const wiped = navigator.locks.request(store, async () => {
    const root = await navigator.storage.getDirectory()
    for await (const name of root.keys()) await root.removeEntry(name, { recursive: true })
    for (const { name } of await indexedDB.databases()) await forget(name!)
  })
  const channel = new BroadcastChannel(store)
  channel.postMessage('let go')
  channel.close()
  await wiped

  function forget(name: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = resolve
      request.onerror = () => reject(request.error)
    })
  }
}
