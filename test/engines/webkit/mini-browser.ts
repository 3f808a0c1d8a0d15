/**
 * WebKitGTK's MiniBrowser as an engine: the one on Linux that is nearest to Safari. What Safari ships and WebKitGTK leaves
 * to its programs is switched on.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import type { Json, OpenBrowser } from '../port.ts'
import { openRemote, type Remote } from './remote.ts'

const FEATURES = [
  'AccessHandle',
  'FileSystem',
  'FileSystemWritableStream',
  'StorageAPI',
  'StorageAPIEstimate',
]

const [MINI_BROWSER] = globSync([
  '/usr/lib/*/webkit2gtk-4.*/MiniBrowser',
  '/usr/lib/*/webkitgtk-6.0/MiniBrowser',
])

/** Milliseconds that a program has to end by itself. */
const LATEST_END = 5000

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
  const flags = [`--features=${features}`, ...(isPrivate ? ['--private'] : [])]
  opened.defer(await start([...flags, remote.emptyPage], folder.path))
  await remote.firstPage()
  return browserOf(remote, opened.move())
}

/** Under a screen of its own. Gives what ends both, with all their processes. */
async function start(flags: readonly string[], home: string): Promise<() => Promise<void>> {
  if (!MINI_BROWSER || !existsSync('/usr/bin/Xvfb'))
    throw new Error(
      'WebKit is not installed, so nothing was tested in it: apt-get install webkit2gtk-driver xvfb',
    )
  await using started = new AsyncDisposableStack()
  const screen = startGroup('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp'], process.env)
  started.defer(screen.end)
  const [number] = (await once(screen.output, 'data')) as [Buffer]
  const runtime = join(home, 'run')
  await mkdir(runtime, { mode: 0o700 })
  const browser = startGroup(MINI_BROWSER, flags, {
    ...process.env,
    DISPLAY: `:${String(number).trim()}`,
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_RUNTIME_DIR: runtime,
    GDK_BACKEND: 'x11',
    NO_AT_BRIDGE: '1',
    LIBGL_ALWAYS_SOFTWARE: '1',
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  })
  started.defer(browser.end)
  const resources = started.move()
  return () => resources.disposeAsync()
}

/** A program with all that it starts, which ends when it does, or the test. */
function startGroup(program: string, flags: readonly string[], environment: NodeJS.ProcessEnv) {
  const child = spawn(program, flags, {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'close')
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, signal)
    } catch {} // it has ended by itself
  }
  const onExit = () => kill('SIGKILL')
  process.once('exit', onExit)
  return {
    output: child.stdout,
    async end(): Promise<void> {
      process.off('exit', onExit)
      kill('SIGTERM')
      const timer = setTimeout(kill, LATEST_END, 'SIGKILL')
      await ended.finally(() => clearTimeout(timer))
    },
  }
}

function browserOf(remote: Remote, resources: AsyncDisposableStack): OpenBrowser {
  return {
    async goto(url) {
      const { origin, pathname, search } = new URL(url)
      remote.passOn(new URL(origin))
      await remote.toNextPage((address: string) => location.assign(address), remote.url + pathname + search)
    },
    reload: () => remote.toNextPage(() => location.reload(), undefined),
    run: <A extends Json, R>(work: (argument: A) => R | Promise<R>, argument: A) =>
      remote.run(work, argument),
    async chooseFiles(selector, paths) {
      const files = paths.map(remote.offer)
      await remote.run(chooseFiles, { selector, files })
    },
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
