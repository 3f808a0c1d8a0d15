import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepts } from '../../../../src/core/http/negotiation.ts'
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  MANIFEST_TYPES,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../../../src/core/oci/media-type.ts'

const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws'

describe('an Accept header', () => {
  it.each<[string | undefined, string, boolean]>([
    [undefined, OCI_MANIFEST, true],
    ['', OCI_MANIFEST, true],
    ['*/*', OCI_MANIFEST, true],
    ['application/*', OCI_INDEX, true],
    [`${DOCKER_MANIFEST}, */*;q=0.1`, OCI_MANIFEST, true],
    ['application/json', OCI_MANIFEST, true],
    ['text/html, image/png', OCI_MANIFEST, true],
    [OCI_MANIFEST, OCI_MANIFEST, true],
    [OCI_MANIFEST.toUpperCase(), OCI_MANIFEST, true],
    [` ${DOCKER_LIST} ;q=0.5 , ${OCI_INDEX};v=1`, OCI_INDEX, true],
    [DOCKER_MANIFEST, OCI_MANIFEST, false],
    [`${DOCKER_MANIFEST},${DOCKER_LIST}`, OCI_INDEX, false],
    [`application/json, ${OCI_MANIFEST}`, OCI_INDEX, false],
    [SCHEMA_1, DOCKER_MANIFEST, false],
  ])('%s for %s: %s', (accept, type, expected) => {
    expect(accepts(accept, type)).toBe(expected)
  })

  const type = fc.constantFrom(...MANIFEST_TYPES)
  const entry = fc.tuple(
    fc.constantFrom(...MANIFEST_TYPES, SCHEMA_1, 'application/json'),
    fc.constantFrom('', ';q=0.9'),
  )
  const entries = fc.array(
    entry.map((parts) => parts.join('')),
    { maxLength: 6 },
  )

  it('lets a type through that it names, wherever it stands', () => {
    fc.assert(
      fc.property(entries, entries, type, (before, after, type) => {
        expect(accepts([...before, type, ...after].join(', '), type)).toBe(true)
      }),
    )
  })

  it('keeps a type out only where it names other manifest types', () => {
    fc.assert(
      fc.property(entries, type, (entries, type) => {
        const types = entries.map((entry) => entry.split(';')[0]!)
        const namesManifests = types.some((type) => type !== 'application/json')
        expect(accepts(entries.join(','), type)).toBe(!namesManifests || types.includes(type))
      }),
    )
  })

  it('may be any text', () => {
    fc.assert(
      fc.property(fc.string(), type, (accept, type) => {
        expect(accepts(accept, type)).toBeTypeOf('boolean')
      }),
    )
  })
})
