/** Before the tests with faults: puts the programs that make them on the machine. */

import { requirePrograms } from '../../support/programs.ts'

export const setup = async (): Promise<void> => {
  await requirePrograms({ strace: 'strace', mount: 'mount' }, 'npm test makes system calls and disks fail')
  if (process.getuid?.() === 0) return
  throw new Error('The tests with faults mount small disks and trace the registry: run them as root.')
}
