/** Runs the tests of those endpoints in a browser that treat bytes, streams or headers, which browsers may change. */
import { afterAll, vi } from 'vitest'
import { closePage } from './support/page-registry.ts'

vi.mock('../../support/in-memory-registry.ts', () => import('./support/page-registry.ts'))

await import('../../unit/core/registry/blobs.test.ts')
await import('../../unit/core/registry/chunks.test.ts')
await import('../../unit/core/registry/delete.test.ts')
await import('../../unit/core/registry/mounts.test.ts')
await import('../../unit/core/registry/pull-manifest.test.ts')
await import('../../unit/core/registry/ranges.test.ts')
await import('../../unit/core/registry/uploads.test.ts')

afterAll(closePage)
