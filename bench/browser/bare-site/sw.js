/** The least that a service worker does with the file `blob` of its origin, and with a body that is sent to it. */
const ANSWERS = {
  '/file': async () => new Response(await blob()),
  '/stream': async () => new Response((await blob()).stream()),
  '/re-wrapped': async () => new Response(rewrapped((await blob()).stream())),
  '/drain': async ({ body }) => Response.json(await drain(body)),
}

addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const answer = ANSWERS[new URL(event.request.url).pathname]
  if (answer) event.respondWith(answer(event.request))
})

async function blob() {
  const root = await navigator.storage.getDirectory()
  return await (await root.getFileHandle('blob')).getFile()
}

/** Each chunk passes through JavaScript, untouched. */
function rewrapped(stream) {
  const reader = stream.getReader()
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
}

async function drain(body) {
  let size = 0
  for await (const chunk of body) size += chunk.length
  return size
}
