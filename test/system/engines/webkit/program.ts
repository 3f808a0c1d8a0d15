/** MiniBrowser as a process, on a screen of its own; both end with the test, however that ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Its paths on Debian, Arch and Fedora. */
const [MINI_BROWSER] = globSync(
  ['/usr/lib/*', '/usr/lib', '/usr/libexec'].flatMap((folder) => [
    `${folder}/webkit2gtk-4.*/MiniBrowser`,
    `${folder}/webkitgtk-6.0/MiniBrowser`,
  ]),
)

/** In truth it writes them to stderr. */
const CONSOLE = '--enable-write-console-messages-to-stdout=true'

/** Milliseconds that a program has to end by itself. */
const LATEST_END = 5000

/** Lines that are kept of what a program says. */
const LAST_LINES = 30

export interface Program extends AsyncDisposable {
  /** The last lines of its pages' console, and of its own complaints. */
  readonly said: readonly string[]
}

/** @param home - a folder for all that it keeps */
export async function startMiniBrowser(flags: readonly string[], home: string): Promise<Program> {
  if (!MINI_BROWSER || !existsSync(MINI_BROWSER))
    throw new Error('There is no MiniBrowser of WebKitGTK: on Debian or Ubuntu, webkit2gtk-driver brings it')
  await using started = new AsyncDisposableStack()
  const screen = startGroup('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp'], process.env)
  started.defer(screen.end)
  const [number] = (await once(screen.output, 'data')) as [Buffer]
  const runtime = join(home, 'run')
  await mkdir(runtime, { mode: 0o700 })
  const browser = startGroup(MINI_BROWSER, [CONSOLE, ...flags], {
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
  return { said: browser.said, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Ends a program with all its child processes. */
function startGroup(program: string, flags: readonly string[], environment: NodeJS.ProcessEnv) {
  const child = spawn(program, flags, {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.resume()
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line) said.push(line)
    if (said.length > LAST_LINES) said.shift()
  })
  const ended = once(child, 'close')
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, signal)
    } catch {} // it has ended by itself
  }
  const onExit = () => kill('SIGKILL')
  const ends = ['exit', 'disconnect'] // the latter where Vitest is killed
  for (const end of ends) process.once(end, onExit)
  return {
    output: child.stdout,
    said,
    async end(): Promise<void> {
      for (const end of ends) process.off(end, onExit)
      kill('SIGTERM')
      const timer = setTimeout(kill, LATEST_END, 'SIGKILL')
      await ended.finally(() => clearTimeout(timer))
    },
  }
}
