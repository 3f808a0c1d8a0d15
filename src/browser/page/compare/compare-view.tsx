/** The page that compares two images. Its head is shown at once, the rest is loaded. */

import { ImageSubpageHead } from '../components/heading.tsx'
import { lazily } from '../components/loading.tsx'
import { type ImageSideRoute, referenceText } from '../route.ts'

const CompareBody = lazily('the comparison', async () => (await import('./compare-body.tsx')).CompareBody)

export const CompareView = (route: ImageSideRoute) => {
  const { name, reference, platform, other } = route
  const text = referenceText(name, reference)
  return (
    <>
      <ImageSubpageHead
        name={name}
        reference={reference}
        platform={platform}
        title={other === undefined ? `Compare ${text}` : `${text} compared with ${other}`}
      />
      <CompareBody {...route} />
    </>
  )
}
