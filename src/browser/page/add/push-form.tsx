/** Choosing archives to push. Dropping them does the same. */
import { useId } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { pushFiles } from '../transfers/push.ts'

const ACCEPTED = '.tar,.tar.gz,.tgz,.gz,application/x-tar,application/gzip'

export function PushForm({ onPush }: { onPush?: () => void }) {
  const input = useId()
  const push = (event: Event) => {
    const { files } = event.currentTarget as HTMLInputElement
    if (!files?.length) return
    pushFiles([...files])
    onPush?.()
  }
  return (
    <div class="drop-zone">
      <Icon name="push" />
      <p>
        Drop archives here, or anywhere on the page:
        <br />
        <code>docker save</code> or OCI layout, as <code>.tar</code> or <code>.tar.gz</code>
      </p>
      <label class="button primary" for={input}>
        Choose files…
        <input id={input} class="visually-hidden" type="file" multiple accept={ACCEPTED} onChange={push} />
      </label>
    </div>
  )
}
