/** The tests of those endpoints once more where a page differs: bytes, streams, headers, what a browser does to them. */
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
