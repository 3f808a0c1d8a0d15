#!/usr/bin/env node
/**
 * The installed command. It is separate from the command line because an older Node can't even parse that one, and should
 * fail with a message. The package depends on a Node that is new enough, which `npx` prefers.
 */
const NEEDED = 24

const version = process.versions.node
if (Number(version.split('.')[0]) < NEEDED) {
  process.stderr.write(`flotilla needs Node ${NEEDED} or newer; this is ${version}\n`)
  process.exit(1)
}
await import('./main.ts')
