/** Before the tests with real clients: puts the clients on the machine. */
import { requirePrograms } from '../../support/programs.ts'

/** Debian's package for each program. */
const PACKAGES = {
  skopeo: 'skopeo',
  podman: 'podman',
  buildah: 'buildah',
  containerd: 'containerd',
  ctr: 'containerd',
  tar: 'tar',
}

export const setup = (): Promise<void> =>
  requirePrograms(PACKAGES, 'npm test pushes and pulls with real clients')
