/**
 * Who: somebody whose text found its way into the page, on a host that sends no policy with it.
 * Tries: to run a script from that text, from another host, or by `eval`.
 * Gets: nothing: the page brings its policy itself, and so does the page that resets it.
 */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { serveFolder } from '../../e2e/support/static-host.ts'
import { openEvilSite, openVictim } from '../support/evil-site.ts'

const PAGE = fileURLToPath(new URL('../../../../dist/page', import.meta.url))

it.each(['/', '/r/any/image:latest', '/flotilla/reset'])('nothing runs at %s', async (path) => {
  await using host = await serveFolder(PAGE)
  await using evil = await openEvilSite()
  await using victim = await openVictim({ serviceWorkers: 'block' })
  const page = await victim.open(host.url + path)
  expect(await page.evaluate(inject, `http://evil.test:${evil.port}/`)).toEqual({
    'a text that is evaluated': 'EvalError',
    'an inline script': 'TypeError',
    'a handler': 'TypeError',
    'a base for all addresses': 'blocked by base-uri',
    'a frame': 'blocked by frame-src',
    ran: false,
  })
})

/** Runs in the page. */
async function inject(foreign: string) {
  const outcomeOf = async (attempt: () => unknown): Promise<string> => {
    const blocked = new Promise<string>((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective: directive }) => {
        if (directive !== 'require-trusted-types-for') resolve(`blocked by ${directive}`) // of the one before
      })
    })
    await new Promise((resolve) => setTimeout(resolve)) // what a debugger begins may evaluate texts
    try {
      attempt()
    } catch (error) {
      return (error as Error).name
    }
    const patience = new Promise<string>((resolve) => setTimeout(() => resolve('done'), 5000))
    return await Promise.race([blocked, patience])
  }
  const add = (name: string, more: Record<string, string>) =>
    document.head.append(Object.assign(document.createElement(name), more))
  const outcome = {
    'a text that is evaluated': await outcomeOf(() => new Function('window.ran = true')()),
    'an inline script': await outcomeOf(() => add('script', { textContent: 'window.ran = true' })),
    'a handler': await outcomeOf(() => {
      document.body.innerHTML = '<img src=x onerror="window.ran = true">'
    }),
    'a base for all addresses': await outcomeOf(() => add('base', { href: foreign })),
    'a frame': await outcomeOf(() => add('iframe', { src: foreign })),
  }
  return { ...outcome, ran: 'ran' in window }
}
