/** The tests of those endpoints once more where a page differs: bytes, streams, headers, what a browser does to them. */
import { afterAll, vi } from 'vitest'
import { closePage } from './support/page-registry.ts'

vi.mock('../support/in-memory-registry.ts', () => import('./support/page-registry.ts'))

await import('../registry/blobs.test.ts')
await import('../registry/chunks.test.ts')
await import('../registry/delete.test.ts')
await import('../registry/mounts.test.ts')
await import('../registry/pull-manifest.test.ts')
await import('../registry/ranges.test.ts')
await import('../registry/uploads.test.ts')

afterAll(closePage)
