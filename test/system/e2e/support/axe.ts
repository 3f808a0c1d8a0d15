/** Looks at a page as axe-core does: for what keeps people with assistive technology out. */
import axe from 'axe-core'
import type { Page } from 'playwright'

/** What is wrong, with where; best none. */
export async function violationsIn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target})`))
}
