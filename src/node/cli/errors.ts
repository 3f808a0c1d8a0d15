/**
 * How commands fail: with one line on standard error that says what failed and why, and code 1. Never a stack trace, also
 * for errors that streams throw outside of any `catch`.
 */
import { debuglog, getSystemErrorMessage } from 'node:util'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'

/** What errors of Node and SQLite have in addition to the message. */
interface Failure extends Error {
  readonly code?: unknown
  readonly errno?: unknown
  /** Set if the number is the operating system's; zlib's errors have numbers, too. */
  readonly syscall?: unknown
  readonly path?: unknown
  /** SQLite's error message. */
  readonly errstr?: unknown
}

/** `NODE_DEBUG=flotilla` shows stack traces. */
const debug = debuglog('flotilla')

export function reasonOf(error: unknown): string {
  debug('%o', error)
  const file = fileReasonOf(error)
  if (file !== undefined) return file
  if (error instanceof RegistryError) return registryReason(error)
  return plainReason(causesOf(error).findLast(isExplained) ?? error)
}

/** If a file could not be read or written: its name, and why. */
export function fileReasonOf(error: unknown): string | undefined {
  const failure = causesOf(error).find(({ path, errno }) => typeof path === 'string' && errno !== undefined)
  return failure && `cannot use ${failure.path || "''"}: ${plainReason(failure)}`
}

/** Why there was no response. */
export function reasonOfSilence(error: unknown): string {
  debug('%o', error)
  const causes = causesOf(error)
  const cause = causes.findLast(isExplained) ?? causes.at(-1)
  return (
    CONNECTION_FAILURES.find(([pattern]) => pattern.test(String(cause?.message)))?.[1] ?? plainReason(cause)
  )
}

/** The error, its cause, the cause of that, and so on; for an `AggregateError`, the first of its errors. */
export function causesOf(error: unknown): readonly Failure[] {
  const causes: Failure[] = []
  for (let next = error; next instanceof Error && !causes.includes(next); ) {
    causes.push(next)
    next = next.cause ?? (next instanceof AggregateError ? next.errors[0] : undefined)
  }
  return causes
}

/** Messages of Node's HTTP client, in words that users understand. */
const CONNECTION_FAILURES: readonly (readonly [RegExp, string])[] = [
  [/^bad port$/, 'programs do not speak HTTP on this port'],
  [/wrong version number|packet length too long|http request/i, 'it does not speak TLS; try http://'],
  [/redirect count exceeded/, 'it redirects in a circle'],
  [
    /^(?:Expected|Invalid|Response does not match|Missing expected)/,
    'what listens there does not speak HTTP',
  ],
  [/terminated|other side closed|premature close/i, 'the connection broke'],
]

const isExplained = ({ syscall, errstr }: Failure): boolean => syscall !== undefined || errstr !== undefined

function registryReason({ code, message, detail }: RegistryError): string {
  if (code === 'UNAUTHORIZED') return `${message}; flotilla cannot log in to a registry yet`
  return typeof detail === 'string' && !message.includes(detail) ? `${message}: ${detail}` : message
}

function plainReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, errno, syscall, errstr, message } = error as Failure
  if (code === 'EISDIR') return 'it is a folder'
  if (typeof errno === 'number' && syscall !== undefined) return getSystemErrorMessage(errno)
  if (/^Z_/.test(String(code))) return 'its compressed data is damaged or cut off'
  if (typeof errstr === 'string') return errstr
  if (/^(?:terminated|other side closed|premature close)$/i.test(message)) return 'the connection broke'
  if (isBug(error)) return `${error.name}: ${message} (a bug in flotilla; NODE_DEBUG=flotilla shows where)`
  return message
}

/** Errors that JavaScript itself throws for a mistake in the code. */
const isBug = (error: Error): boolean =>
  (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) &&
  error.cause === undefined &&
  !('code' in error)

/** Ends a command that failed. @param problems - one sentence each */
export function exitWith(problems: readonly string[]): never {
  process.stderr.write(problems.map((problem) => `flotilla: ${oneLine(problem)}\n`).join(''))
  process.exit(1)
}

/** Characters of an untrusted text that are shown. */
const MAX_LENGTH = 1000

/** Control characters, ends of lines, and what turns the direction of text around. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu

/** An untrusted text, such as a registry's message, as it may be shown in a terminal: without control characters. */
export function oneLine(text: string): string {
  const printable = text.replace(UNPRINTABLE, ' ').trim()
  return printable.length <= MAX_LENGTH ? printable : `${printable.slice(0, MAX_LENGTH)}…`
}

/** Says in a sentence why a command failed. */
export type Explain = (error: unknown) => string

/** The exit code that shells report for SIGPIPE. */
const PIPE_CLOSED = 128 + 13

let explain: Explain = reasonOf

/** Uncaught errors end the process with a message; a closed output pipe ends it silently. */
export function catchEverything(): void {
  process.on('uncaughtException', (error) => exitWith([explain(error)]))
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(PIPE_CLOSED)
    exitWith([`cannot write to standard output: ${reasonOf(error)}`])
  })
  process.stderr.on('error', () => process.exit(1)) // there is no place left for a message
}

/**
 * The same for a running registry. After an unexpected error its state can't be trusted, so it exits and leaves the restart
 * to its supervisor; nothing that was acknowledged is lost. A closed output or a full log disk is no reason to stop.
 */
export function catchForServing(log: Log): void {
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (err) => {
    log.error('stopped by an unexpected error', { err })
    process.exit(1)
  })
  for (const output of [process.stdout, process.stderr])
    output.removeAllListeners('error').on('error', () => {})
}

/** Runs a command. @param words - explains its errors */
export async function attempt(work: () => Promise<void>, words: Explain = explain): Promise<void> {
  explain = words
  await work().catch((error) => exitWith([explain(error)]))
}

export interface Transfer {
  /** Such as `push app.tar`. */
  readonly what: string
  /** The URL of the registry. */
  readonly url: string
  /** The option that names the registry. */
  readonly option: '--to' | '--from'
}

export const explainTransfer =
  ({ what, url, option }: Transfer): Explain =>
  (error) =>
    // A file that can't be read fails the request, too, and the file is the reason to report.
    fileReasonOf(error) ??
    (isUnreachable(error)
      ? `no registry answers on ${url}: ${reasonOfSilence(error.cause)}; use ${option} for another registry`
      : `cannot ${what}: ${reasonOf(error)}`)

const isUnreachable = (error: unknown): error is RegistryError =>
  error instanceof RegistryError && error.code === 'UNAVAILABLE' && error.cause !== undefined
