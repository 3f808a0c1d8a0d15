/** Shown while nothing is stored here: what this is for and what to do first. */
import { ImportForm } from '../add/import-form.tsx'
import { PullForm } from '../add/pull-form.tsx'
import { Heading } from '../components/heading.tsx'
import { countText } from '../components/text.ts'
import { RemoteNotes } from '../lists/remote-notes.tsx'
import { RepositoryList } from './repository-list.tsx'
import type { Catalog } from './use-catalog.ts'

export function Welcome({ catalog }: { catalog: Catalog }) {
  const { entries, remotes } = catalog
  return (
    <div class="welcome">
      <Heading text="Images">A container registry in this browser</Heading>
      <p class="lead">
        Keep container images on this device: look inside them, save them for docker, and have them without a
        network. {serverText(catalog)}
      </p>
      <RemoteNotes {...catalog} />
      {entries.length > 0 && (
        <section class="welcome-list" aria-labelledby="elsewhere">
          <h2 id="elsewhere">
            {remotes[0]?.serves ? 'On this server' : 'On other computers'}:{' '}
            {countText(entries.length, 'repository', 'repositories')}
          </h2>
          <p class="quiet">Pull one, and it is stored in this browser too.</p>
          <RepositoryList catalog={catalog} />
        </section>
      )}
      <div class="ways">
        <section aria-labelledby="way-import">
          <h2 id="way-import">{entries.length > 0 ? 'Or import a file' : 'Import a file'}</h2>
          <ImportForm />
        </section>
        {entries.length === 0 && (
          <section aria-labelledby="way-pull">
            <h2 id="way-pull">Pull by name</h2>
            <PullForm />
          </section>
        )}
      </div>
      <p class="quiet">
        For developers: code on this page's origin uses the registry with plain <code>fetch('/v2/…')</code>,
        the whole OCI distribution API.
      </p>
    </div>
  )
}

function serverText({ remotes, isServerAway }: Catalog): string {
  if (isServerAway) return ''
  return remotes.some(({ serves }) => serves)
    ? 'What you import stays here until you push it to the server that this page comes from.'
    : 'What you import stays in this browser.'
}
