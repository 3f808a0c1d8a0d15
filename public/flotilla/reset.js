/**
 * Takes the service worker out of this browser and, if asked, all that it keeps. Plain, and apart from the build,
 * because it must work when nothing else does.
 */

/** Who holds it has the disk and the catalog open. */
const STORE = 'flotilla-store'

/** Milliseconds that a worker gets to close them, and whoever has a file locked to let go of it. */
const PATIENCE = 3000

/** Milliseconds after which who waits asks again. */
const ASK_AGAIN = 100

const form = document.querySelector('#reset')
const outcome = document.querySelector('#outcome')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  outcome.textContent = 'Resetting…'
  try {
    await reset({ wipe: form.elements.wipe.checked })
    outcome.textContent = 'Done. Close all other tabs of this page before you go back.'
  } catch (error) {
    outcome.textContent = `That did not work: ${error.message}`
  }
})

async function reset({ wipe }) {
  await unregister()
  await deleteCaches()
  if (wipe) {
    localStorage.removeItem('flotilla.last-seen')
    await whileClosed(deleteData)
  }
}

async function unregister() {
  const registrations = (await navigator.serviceWorker?.getRegistrations()) ?? []
  for (const registration of registrations) await registration.unregister()
}

async function deleteCaches() {
  for (const name of await caches.keys()) await caches.delete(name)
}

/** A worker that does not close its parts in time loses them. */
async function whileClosed(work) {
  const signal = AbortSignal.timeout(PATIENCE)
  const channel = new BroadcastChannel(STORE)
  const asking = setInterval(() => channel.postMessage('let go'), ASK_AGAIN)
  try {
    await navigator.locks.request(STORE, { signal }, work)
  } catch (error) {
    if (error !== signal.reason) throw error
    await navigator.locks.request(STORE, { steal: true }, work)
  } finally {
    clearInterval(asking)
  }
}

async function deleteData() {
  const root = await navigator.storage.getDirectory?.().catch(() => undefined) // in some private windows
  if (root) for await (const name of root.keys()) await remove(root, name)
  for (const { name } of await indexedDB.databases()) await deleteDatabase(name)
}

/** What somebody still writes, moves or removes is locked meanwhile. */
async function remove(folder, name) {
  const end = performance.now() + PATIENCE
  for (;;) {
    try {
      return await folder.removeEntry(name, { recursive: true })
    } catch (error) {
      if (error.name === 'NotFoundError') return
      if (error.name !== 'NoModificationAllowedError' || performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN))
    }
  }
}

function deleteDatabase(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = resolve
    request.onblocked = resolve // goes when the last tab that uses it is closed
    request.onerror = () => reject(request.error)
  })
}
