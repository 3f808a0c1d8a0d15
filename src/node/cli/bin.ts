#!/usr/bin/env node
/**
 * The command as it is installed. Apart from the command line, which an older Node cannot even read: that one is told of in
 * words. The package brings a Node that is new enough, which `npx` finds before another.
 */
const NEEDED = 24

const version = process.versions.node
if (Number(version.split('.')[0]) < NEEDED) {
  process.stderr.write(`flotilla needs Node ${NEEDED} or newer; this is ${version}\n`)
  process.exit(1)
}
await import('./main.ts')
