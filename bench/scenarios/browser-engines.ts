/** An archive imported by its page in each engine, in turn: none may be much slower than another. */
import { chromium, firefox } from '../../test/system/engines/engines.ts'
import { isControlled, isShown } from '../../test/system/engines/in-page.ts'
import type { Engine, OpenBrowser } from '../../test/system/engines/port.ts'
import { makeArchive } from '../browser/archive.ts'
import { speed, times } from '../browser/figures.ts'
import { urlOf } from '../browser/visit.ts'
import { megabytesPerSecond } from '../measure.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'

const IMAGE = 'bench/image:1'
const INPUT = 'input[type=file]'
const LIMIT = 600_000

export const browserEngines: Scenario = {
  name: 'browser-engines',
  title: 'Import an archive of 256 MiB in each engine',
  figures: [speed('Chromium'), speed('Firefox'), times('Firefox : Chromium', 1 / 1.5)],
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measureImports(stage),
}

async function measureImports(stage: Stage): Promise<Values> {
  const size = stage.size.browserBlob
  const archive = await makeArchive(stage, IMAGE, size)
  const url = urlOf(await stage.start())
  const inChromium = await importIn(chromium, url, archive)
  const inFirefox = await importIn(firefox, url, archive)
  return {
    Chromium: megabytesPerSecond(size, inChromium),
    Firefox: megabytesPerSecond(size, inFirefox),
    'Firefox : Chromium': inChromium / inFirefox,
  }
}

/** Seconds from the choice of the file to a link to its image. */
async function importIn(engine: Engine, url: string, archive: string): Promise<number> {
  await using browser = await engine.open()
  await browser.goto(url)
  await until(browser, isControlled, undefined)
  await until(browser, isShown, INPUT)
  await browser.run(watchImport, { input: INPUT, link: `a[href="/r/${IMAGE}"]` })
  await browser.chooseFiles(INPUT, [archive])
  return await browser.run(() => window.imported, undefined)
}

async function until<A extends string | undefined>(
  browser: OpenBrowser,
  isTrue: (argument: A) => boolean,
  argument: A,
): Promise<void> {
  for (const limit = performance.now() + LIMIT; performance.now() < limit; )
    if (await browser.run(isTrue, argument)) return
  throw new Error('the page does not come to it')
}

/** Runs in the page. */
function watchImport({ input, link }: { input: string; link: string }): void {
  const { promise, resolve } = Promise.withResolvers<number>()
  window.imported = promise
  const watch = () => {
    const start = performance.now()
    const look = () => document.querySelector(link) && resolve((performance.now() - start) / 1000)
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true })
  }
  document.querySelector(input)!.addEventListener('change', watch, { capture: true, once: true })
}

declare global {
  interface Window {
    imported: Promise<number>
  }
}
