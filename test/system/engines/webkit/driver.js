/**
 * Runs in each page that the test opens in WebKit: fetches what to do from the test, does it, tells what came of it. Plain,
 * as it is sent as it is.
 */
const id = crypto.randomUUID()

/** As who wants to stay at this address, which is not the one that the server has for people. */
sessionStorage.setItem('flotilla-stay', '')

/** Where the test goes, a page is loaded: as from the field for addresses, of which the Navigation API tells no page. */
globalThis.navigation?.addEventListener('navigate', (event) => {
  if (window.isLeaving) event.stopImmediatePropagation()
})

async function next() {
  const asking = new URLSearchParams({ page: id, address: location.pathname + location.search })
  const response = await fetch(`/driver/next?${asking}`, { cache: 'no-store' })
  if (response.status !== 200) return
  const task = await response.text()
  const outcome = { task, ...(await outcomeOf(task)) }
  fetch('/driver/results', { method: 'POST', body: JSON.stringify(outcome) })
}

async function outcomeOf(task) {
  try {
    const { work, argument } = await import(`/driver/tasks/${task}.js`)
    return { value: await work(argument) }
  } catch (error) {
    return { error: `${error}\n${error?.stack ?? ''}` }
  }
}

document.addEventListener('DOMContentLoaded', async () => {
  for (let failures = 0; failures < 30; ) {
    await next().catch(() => {
      failures++ // the test has ended, or is busy
      return new Promise((resolve) => setTimeout(resolve, 1000))
    })
  }
})
