/** Hosts of a network that exists for one test: namespaces joined by a bridge, any of which can be cut off. */
import { randomBytes } from 'node:crypto'
import { run } from '../../support/command.ts'

export interface Host {
  readonly address: string
  /** Starts a program on this host, when it stands before the program. */
  readonly launcher: readonly string[]
  cut(): Promise<void>
  heal(): Promise<void>
}

export interface PrivateNetwork<Hosts> extends AsyncDisposable {
  readonly hosts: Hosts
}

type Three = readonly [Host, Host, Host]

/** @throws Error where this process may not make namespaces */
export async function openPrivateNetwork(): Promise<PrivateNetwork<Three>> {
  await using undo = new AsyncDisposableStack()
  const bridge = await openNamespace(undo)
  await inside(bridge, 'link', 'add', 'bridge', 'type', 'bridge')
  await inside(bridge, 'link', 'set', 'bridge', 'up')
  const hosts: Host[] = []
  for (const number of [1, 2, 3]) hosts.push(await join(bridge, number, await openNamespace(undo)))
  const resources = undo.move()
  return { hosts: hosts as never, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function openNamespace(undo: AsyncDisposableStack): Promise<string> {
  const name = `flotilla-${randomBytes(4).toString('hex')}`
  await run('ip', ['netns', 'add', name]).catch((cause) => {
    throw new Error(
      'The tests with networks make namespaces: they need root, and CAP_NET_ADMIN and CAP_SYS_ADMIN in a container',
      { cause },
    )
  })
  undo.defer(async () => void (await run('ip', ['netns', 'delete', name])))
  await inside(name, 'link', 'set', 'lo', 'up')
  return name
}

async function join(bridge: string, number: number, namespace: string): Promise<Host> {
  const port = `port${number}`
  const address = `10.77.0.${number}`
  await inside(bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
  await inside(bridge, 'link', 'set', port, 'master', 'bridge', 'up')
  await inside(namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0')
  await inside(namespace, 'link', 'set', 'eth0', 'up')
  await inside(namespace, 'route', 'add', 'default', 'dev', 'eth0') // multicast goes there, too
  return {
    address,
    launcher: ['ip', 'netns', 'exec', namespace],
    cut: () => inside(bridge, 'link', 'set', port, 'down'),
    heal: () => inside(bridge, 'link', 'set', port, 'up'),
  }
}

const inside = async (namespace: string, ...what: string[]): Promise<void> =>
  void (await run('ip', ['-netns', namespace, ...what]))
