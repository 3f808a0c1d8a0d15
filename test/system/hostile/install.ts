/** Before the attacks: puts the programs on the machine that they need. */
import { setup as installChromium } from '../../support/install-chromium.ts'
import { requirePrograms } from '../../support/programs.ts'

export const setup = async (): Promise<void> => {
  const packages = { ip: 'iproute2', strace: 'strace' }
  await requirePrograms(packages, 'npm test attacks registries from other hosts, and watches what they send')
  await installChromium()
  if (process.getuid?.() === 0) return
  throw new Error('The attacks come from networks that only root may make: run them as root.')
}
