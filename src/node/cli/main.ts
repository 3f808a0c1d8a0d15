#!/usr/bin/env node
/**
 * The command line. What a command does is loaded when it is called, so that help and errors appear at once.
 */
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Command } from 'commander'
import { version } from '../version.ts'

// Threads of the pool wait for the disk, not for a processor, and many pushes wait at once.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

const program = new Command('flotilla')
  .description('A registry for OCI and Docker images.')
  .version(`flotilla ${version}`, '-v, --version')

program
  .command('serve')
  .description('Answer clients until stopped by SIGTERM or SIGINT.')
  .argument(
    '[config.yml]',
    'configuration file; default: the one that REGISTRY_CONFIGURATION_PATH names, if any',
  )
  .option('--addr <host:port>', 'where to listen (default: 127.0.0.1:5000)')
  .option('--data <DIR>', 'data folder')
  .action(async (file: string | undefined, options: { addr?: string; data?: string }) => {
    keepCompiledCode()
    keepYoungGenerationSmall()
    const { serve } = await import('./serve.ts')
    await serve({ file, overrides: { addr: options.addr, rootdirectory: options.data } })
  })

program
  .command('peers')
  .description('Show who a running registry is connected to, how, and what moved.')
  .option('--addr <host:port>', 'the registry, on this machine', '127.0.0.1:5000')
  .option('--json', 'as JSON')
  .action(async (options: { addr: string; json?: boolean }) => {
    const { peers } = await import('./peers.ts')
    await peers(options)
  })

await program.parseAsync()

/** Halves the time to start, from the second start on. Not in Node's own place, where others could write too. */
function keepCompiledCode(): void {
  enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'flotilla'))
}

/**
 * Buffers that die young are freed with the young generation. In a large one (16 MiB) so many gather first that all of
 * the heap is searched for them again and again, which costs half the time of a transfer by libp2p.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--scavenger-max-new-space-capacity-mb=4')
}
