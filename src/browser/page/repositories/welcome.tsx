/** What to do first, and what this is, while nothing is here. */
import { PullForm } from '../add/pull-form.tsx'
import { PushForm } from '../add/push-form.tsx'
import { Heading } from '../frame/heading.tsx'

export const Welcome = () => (
  <div class="welcome">
    <Heading text="Repositories">A container registry in this browser</Heading>
    <p class="lead">
      It keeps images on this device, works offline, and brings what it lacks from its peers. Nothing is here
      yet.
    </p>
    <div class="ways">
      <section aria-labelledby="way-push">
        <h2 id="way-push">Push an archive</h2>
        <PushForm />
      </section>
      <section aria-labelledby="way-pull">
        <h2 id="way-pull">Pull from peers</h2>
        <PullForm />
      </section>
    </div>
    <p class="quiet">
      Code on this page's origin uses the registry with plain <code>fetch('/v2/…')</code>: the whole OCI
      distribution API, no server behind it.
    </p>
  </div>
)
