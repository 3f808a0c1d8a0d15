/** Finds accessibility violations with axe-core. */
import axe from 'axe-core'
import type { Page } from 'playwright'

/** The violations with their elements. */
export async function violationsIn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target})`))
}
