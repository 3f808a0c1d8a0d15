/**
 * WebKitGTK's MiniBrowser as an engine: the one on Linux that is nearest to Safari. What Safari ships and WebKitGTK leaves
 * to its programs is switched on.
 */
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import type { Json, OpenBrowser } from '../port.ts'
import { startMiniBrowser } from './program.ts'
import { openRemote, type Remote } from './remote.ts'

const FEATURES = [
  'AccessHandle',
  'FileSystem',
  'FileSystemWritableStream',
  'StorageAPI',
  'StorageAPIEstimate',
]

export interface Options {
  readonly isPrivate?: boolean
  /** Features of {@link FEATURES} that are left out, as in an older Safari. */
  readonly without?: readonly string[]
}

/** A new window on a profile of its own. */
export async function openMiniBrowser({
  isPrivate = false,
  without = [],
}: Options = {}): Promise<OpenBrowser> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await openTemporaryFolder())
  const remote = opened.use(await openRemote())
  const features = FEATURES.map((name) => (without.includes(name) ? `-${name}` : `+${name}`)).join(',')
  const flags = [`--features=${features}`, ...(isPrivate ? ['--private'] : []), remote.emptyPage]
  const { said } = opened.use(await startMiniBrowser(flags, folder.path))
  const state = () => `${remote.state()}\nconsole:\n${said.join('\n')}`
  await remote.firstPage().catch((error) => {
    throw new Error(`${error.message}\n${state()}`)
  })
  return browserOf(remote, state, opened.move())
}

function browserOf(remote: Remote, state: () => string, resources: AsyncDisposableStack): OpenBrowser {
  return {
    async goto(url) {
      const { origin, pathname, search } = new URL(url)
      remote.passOn(new URL(origin))
      await remote.goto(pathname + search)
    },
    reload: remote.reload,
    run: <A extends Json, R>(work: (argument: A) => R | Promise<R>, argument: A) =>
      remote.run(work, argument),
    async chooseFiles(selector, paths) {
      const files = paths.map(remote.offer)
      await remote.run(chooseFiles, { selector, files })
    },
    state,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Runs in the page: the dialog for files is the program's, and out of reach. */
async function chooseFiles({
  selector,
  files,
}: {
  selector: string
  files: readonly string[]
}): Promise<void> {
  const chosen = new DataTransfer()
  for (const path of files) {
    const content = await (await fetch(path)).blob()
    chosen.items.add(new File([content], decodeURIComponent(path.split('/').at(-1)!)))
  }
  const input = document.querySelector<HTMLInputElement>(selector)!
  input.files = chosen.files
  input.dispatchEvent(new Event('input', { bubbles: true }))
  input.dispatchEvent(new Event('change', { bubbles: true }))
}
