/** Before the tests with peers: puts the programs on the machine that they need. */
import { requirePrograms } from '../../support/programs.ts'

/** Debian's package for each program. */
const PACKAGES = {
  skopeo: 'skopeo',
  containerd: 'containerd',
  ctr: 'containerd',
  tar: 'tar',
  ip: 'iproute2',
}

export const setup = async (): Promise<void> => {
  await requirePrograms(PACKAGES, 'npm test puts peers into networks of their own and pulls through them')
  if (process.getuid?.() === 0) return
  throw new Error('The tests with peers cut networks, which only root may make: run them as root.')
}
