#!/usr/bin/env node
/**
 * The command line. Each command is loaded when it is called, so that help and errors appear at once.
 */
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Command, Option } from 'commander'
import { version } from '../version.ts'
import type { AdminOptions } from './admin-client.ts'
import type { CopyOptions } from './copy.ts'
import { attempt, catchEverything, exitWith } from './errors.ts'
import type { FilesOptions } from './files.ts'
import type { PeersOptions } from './peers.ts'
import { DEFAULT_ADDRESS, DEFAULT_URL, hostAndPort, registryUrl } from './registry-url.ts'
import type { SaveOptions } from './save.ts'

// Threads of the pool wait for the disk, not for a processor, and many pushes may wait at once.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

const program = new Command('flotilla')
  .description('A registry for OCI and Docker images.')
  .version(`flotilla ${version}`, '-v, --version')
  .configureOutput({ outputError: (text) => exitWith([text.replace(/^error: /, '')]) })

program
  .command('serve')
  .description('Answer clients until stopped by SIGTERM or SIGINT.')
  .argument(
    '[config.yml]',
    'configuration file; default: the one that REGISTRY_CONFIGURATION_PATH names, if any',
  )
  .option('--addr <host:port>', `where to listen (default: ${DEFAULT_ADDRESS})`)
  .option('--data <DIR>', 'data folder')
  .action(async (file: string | undefined, options: { addr?: string; data?: string }) => {
    keepCompiledCode()
    keepYoungGenerationSmall()
    boundBacktracking()
    const { serve } = await import('./serve.ts')
    await serve({ file, overrides: { addr: options.addr, rootdirectory: options.data } })
  })

/** Options of the commands that manage a running registry. */
const DATA = ['--data <DIR>', 'data folder of the registry (default: that of serve)'] as const
const ADDR = [
  '--addr <host:port>',
  'the registry, on this machine (default: as its data folder says)',
  hostAndPort,
] as const

program
  .command('peers')
  .description(
    'Show the peers of a running registry, with transports and traffic; for one peer, what it has.',
  )
  .argument('[id]', 'a peer, by its id or the beginning or end of it: show its repositories')
  .argument('[repository]', 'one of them: show its tags')
  .option(...DATA)
  .option(...ADDR)
  .option('--json', 'as JSON')
  .action(async (id: string | undefined, repository: string | undefined, options: PeersOptions) => {
    if (id === undefined) await (await import('./peers.ts')).peers(options)
    else await (await import('./peers.ts')).peerLists({ ...options, id, repository })
  })

program
  .command('images')
  .description('Show what a repository of a running registry holds, and where it came from.')
  .argument('<repository>', 'the repository')
  .option(...DATA)
  .option(...ADDR)
  .option('--json', 'as JSON')
  .action(async (repository: string, options: AdminOptions & { json?: boolean }) => {
    const { images } = await import('./images.ts')
    await images({ ...options, repository })
  })

program
  .command('keep')
  .description('Keep an image from peers, with all that it needs, however full the cache is.')
  .argument('<repository@digest>', 'the image')
  .option(...DATA)
  .option(...ADDR)
  .option('--release', 'let it be evicted like others again')
  .action(async (image: string, options: AdminOptions & { release?: boolean }) => {
    const { keep } = await import('./keep.ts')
    await keep({ ...options, image })
  })

program
  .command('evict')
  .description(
    'Delete what unfinished pushes and pulls have left behind, and evict images from peers until they fit the budget of the cache.',
  )
  .option(...DATA)
  .option(...ADDR)
  .option('--dry-run', 'only show how much would be freed')
  .action(async (options: AdminOptions & { dryRun?: boolean }) => {
    const { evict } = await import('./keep.ts')
    await evict(options)
  })

program
  .command('push')
  .description(
    'Push the images of an archive: from docker save, or an OCI layout; may be compressed with gzip or zstd.',
  )
  .argument('<archive.tar>', 'the archive')
  .argument('[repository:tag]', 'where to push, instead of the names in the archive')
  .option('--to <URL>', 'the registry', registryUrl, DEFAULT_URL)
  .action(async (file: string, image: string | undefined, { to }: { to: string }) => {
    const { push } = await import('./push.ts')
    await push({ file, image, to })
  })

program
  .command('save')
  .description('Save an image as an archive, for docker load and others.')
  .argument('<repository:tag>', 'the image, or repository@digest')
  .requiredOption('-o, --output <file.tar>', 'the file to write')
  .addOption(
    new Option('--format <format>', 'oci holds all platforms').choices(['docker', 'oci']).default('docker'),
  )
  .option('--platform <os/architecture>', 'the image to use (default: that of this machine, or else any)')
  .option('--from <URL>', 'the registry', registryUrl, DEFAULT_URL)
  .action(async (image: string, options: Omit<SaveOptions, 'image'>) => {
    const { save } = await import('./save.ts')
    await save({ ...options, image })
  })

program
  .command('copy')
  .description('Copy an image from one registry to another, or to another name of the same.')
  .argument('<repository:tag>', 'the image, or repository@digest')
  .argument('[repository:tag]', 'its name at the target, if another')
  .option('--from <URL>', 'the registry that has it', registryUrl, DEFAULT_URL)
  .option('--to <URL>', 'the registry that gets it', registryUrl, DEFAULT_URL)
  .option('--no-referrers', 'without its signatures, SBOMs and attestations')
  .action(async (image: string, as: string | undefined, options: Omit<CopyOptions, 'image' | 'as'>) => {
    const { copy } = await import('./copy.ts')
    await copy({ ...options, image, as })
  })

program
  .command('files')
  .description('Show what is in the layers of an image: what makes it large, and what later layers hide.')
  .argument('<repository:tag>', 'the image, or repository@digest')
  .argument('[folder]', 'list this folder, largest first', '/')
  .option('--platform <os/architecture>', 'the image to use (default: that of this machine, or else any)')
  .option('--from <URL>', 'the registry', registryUrl, DEFAULT_URL)
  .action(async (image: string, folder: string, options: Omit<FilesOptions, 'image' | 'folder'>) => {
    const { files } = await import('./files.ts')
    await files({ ...options, image, folder })
  })

catchEverything()
await attempt(async () => void (await program.parseAsync()))

/** Halves the time to start, from the second start on. Not in Node's default folder, which other users can write to. */
function keepCompiledCode(): void {
  enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'flotilla'))
}

/**
 * Short-lived buffers are freed with the young generation. If it is large (16 MiB), so many accumulate that V8 searches the
 * whole heap for them again and again, which costs half the time of a transfer by libp2p.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--scavenger-max-new-space-capacity-mb=4')
}

/**
 * Patterns in the configuration are matched with untrusted texts, one of which may make a pattern backtrack for hours.
 * After 50,000 steps V8 then switches to its linear-time engine.
 */
function boundBacktracking(): void {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
}
