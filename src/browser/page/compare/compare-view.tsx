/** How one image differs from another: its head at once, the rest when both are known. */
import { SideHead } from '../image/side-head.tsx'
import { lazily } from '../parts/lazily.tsx'
import { type ImageSideRoute, referenceText } from '../route.ts'

const CompareBody = lazily('the comparison', async () => (await import('./compare-body.tsx')).CompareBody)

export const CompareView = (route: ImageSideRoute) => {
  const { name, reference, platform, other } = route
  const text = referenceText(name, reference)
  return (
    <>
      <SideHead
        name={name}
        reference={reference}
        platform={platform}
        title={other === undefined ? `Compare ${text}` : `${text} compared with ${other}`}
      />
      <CompareBody {...route} />
    </>
  )
}
