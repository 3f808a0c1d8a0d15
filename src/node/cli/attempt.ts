/**
 * The net under every command: whatever it throws ends it with one line and code 1, also what streams throw past all
 * catches.
 */
import type { Log } from '../../core/log.ts'
import { exitWith } from './exit.ts'
import { reasonOf } from './reason.ts'

/** Why a command failed, in a sentence. */
export type Explain = (error: unknown) => string

/** What a shell tells of a program that a closed pipe ended: SIGPIPE. */
const PIPE_CLOSED = 128 + 13

let explain: Explain = reasonOf

/** Ends the process in words at every error that nobody catches, and in silence when nobody reads what it writes. */
export function catchEverything(): void {
  process.on('uncaughtException', (error) => exitWith([explain(error)]))
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(PIPE_CLOSED)
    exitWith([`cannot write to standard output: ${reasonOf(error)}`])
  })
  process.stderr.on('error', () => process.exit(1)) // there is nowhere to say it
}

/**
 * What a registry does in place of that. After an error that nobody expected nobody knows what still holds, so it ends,
 * and whoever supervises it starts it again, which loses nothing that was acknowledged. That nobody reads what it writes,
 * or that the disk of its log is full, is no reason to leave its clients.
 */
export function catchForServing(log: Log): void {
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (err) => {
    log.error('stopped by an error that nobody expected', { err })
    process.exit(1)
  })
  for (const output of [process.stdout, process.stderr])
    output.removeAllListeners('error').on('error', () => {})
}

/** Runs a command, of whose errors `words` knows more than what they say themselves. */
export async function attempt(work: () => Promise<void>, words: Explain = explain): Promise<void> {
  explain = words
  await work().catch((error) => exitWith([explain(error)]))
}
