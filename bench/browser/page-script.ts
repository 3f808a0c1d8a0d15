/** The benchmark's part inside pages, as the text of a script. */
import { join } from 'node:path'
import type { Page } from 'playwright'
import { build, type Rolldown } from 'vite'

const ENTRY = join(import.meta.dirname, 'page-side.ts')

let script: Promise<string> | undefined

/** From now on, until it is loaded anew, the page has `bench`. */
export async function provideBench(page: Page): Promise<void> {
  script ??= makeScript()
  await page.evaluate(await script)
}

async function makeScript(): Promise<string> {
  const lib = { entry: ENTRY, formats: ['iife' as const], name: 'benchmark' }
  const made = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: { write: false, target: 'chrome140', lib },
  })
  const [{ output }] = made as Rolldown.RolldownOutput[] as [Rolldown.RolldownOutput]
  return output[0].code
}
