/** Help: what Flotilla is, its words, keyboard, and documentation. */
import { OLDEST } from '../../engine/oldest.ts'
import { Dialog } from '../components/dialog.tsx'

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  [
    'Tab, Shift + Tab',
    'go to the next or previous link, button or field; the first one skips to the content',
  ],
  ['Enter', 'follow a link, press a button, send a form'],
  ['Space', 'press a button, open or close a section, tick a box'],
  ['Esc', 'close a dialog or the menu'],
]

export const HelpDialog = ({ onClose }: { onClose: () => void }) => (
  <Dialog title="Help" onClose={onClose}>
    <div class="help">
      <p>
        Flotilla is a registry for container images that runs in this browser, with a storage of its own, and
        works offline. Images come into it from files, from the server of this page, and from its peers: other
        registries that it is connected to. Every byte is checked by its digest.
      </p>
      <dl class="help-words">
        <dt>Import, export</dt>
        <dd>a file, such as one of docker save, into this browser; an image as a file out of it</dd>
        <dt>Pull</dt>
        <dd>an image from a peer into this browser</dd>
        <dt>Push</dt>
        <dd>an image of this browser to the server or another registry</dd>
        <dt>Keep</dt>
        <dd>never remove an image from a peer to make room</dd>
      </dl>
      <p>
        docker and other command-line tools cannot reach a registry inside a browser. They use the server, or
        an exported file.
      </p>
      <h3>By keyboard</h3>
      <table class="help-keys">
        <tbody>
          {KEYS.map(([keys, what]) => (
            <tr key={keys}>
              <th scope="row">{keys}</th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>For programs</h3>
      <p>
        Code on this page’s origin uses <code>fetch('/v2/…')</code>, the{' '}
        <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">
          OCI distribution API
        </a>
        , and <code>/flotilla/…</code> for what is stored here. README.md and docs/ of the source describe
        both, and all settings of a server.
      </p>
      <p class="quiet">
        For Chrome and Edge {OLDEST.chrome}, Firefox {OLDEST.firefox}, Safari {OLDEST.safari}, and later.
      </p>
    </div>
  </Dialog>
)
