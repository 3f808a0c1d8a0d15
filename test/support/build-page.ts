/** Before the tests with the page: builds it as users get it. */
import { build } from 'vite'

export const setup = async (): Promise<void> => {
  await build({ configFile: 'vite.page.config.ts', logLevel: 'warn' })
}
