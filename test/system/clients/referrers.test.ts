import { describe, expect, test } from 'vitest'
import { startRegistry } from '../../support/registry-process.ts'
import { openClientHome } from './client-home.ts'
import { imageNamed } from './corpus.ts'
import { createSkopeo } from './skopeo.ts'

const SIGNATURE = 'application/vnd.example.signature'

describe('after skopeo has pushed an image, its SBOM and their signatures', () => {
  test('the registry lists each as a referrer of its subject', async () => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const skopeo = createSkopeo(home)
    const [image, sbom, signature, sbomSignature] = ['1', 'sbom', 'signature', 'sbom-signature'].map((tag) =>
      imageNamed('artifact', tag),
    )
    for (const each of [sbomSignature, signature, sbom, image]) {
      await skopeo.push(each!, `${registry.host}/signed:${each!.tag}`)
    }
    const referrers = async (subject: string, query = '') => {
      const response = await fetch(`${registry.url}/v2/signed/referrers/${subject}${query}`)
      const { manifests }: { manifests: { digest: string; artifactType: string }[] } = await response.json()
      return new Map(manifests.map(({ digest, artifactType }) => [digest, artifactType]))
    }

    expect(await referrers(image!.digest)).toEqual(
      new Map([
        [sbom!.digest, 'application/spdx+json'],
        [signature!.digest, SIGNATURE],
      ]),
    )
    expect(await referrers(sbom!.digest)).toEqual(new Map([[sbomSignature!.digest, SIGNATURE]]))
    const signatures = await referrers(image!.digest, `?artifactType=${encodeURIComponent(SIGNATURE)}`)
    expect([...signatures.keys()]).toEqual([signature!.digest])
    expect(await referrers(signature!.digest)).toEqual(new Map())
  })
})
