/** Loads the page of an obstacle, which nearly nobody sees; where that does not come, its bare name must do. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Obstacle } from '../obstacle.ts'
import { Heading } from './heading.tsx'

type Page = ComponentType<{ obstacle: Obstacle }>

export function Hindered({ obstacle }: { obstacle: Obstacle }) {
  const [page, setPage] = useState<{ readonly Page: Page }>()
  useEffect(() => {
    import('./no-registry.tsx').then(
      ({ NoRegistry }) => setPage({ Page: NoRegistry }),
      () => setPage({ Page: Bare }),
    )
  }, [])
  return page ? <page.Page obstacle={obstacle} /> : null
}

const Bare = ({ obstacle }: { obstacle: Obstacle }) => (
  <>
    <Heading text="The registry cannot start here" />
    <p>
      The server is away, and this browser says: {'reason' in obstacle ? obstacle.reason : obstacle.kind}.
    </p>
  </>
)
