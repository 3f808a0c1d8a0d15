/** Why something failed, in a clause for people: never a stack, whatever was thrown. */
import { debuglog, getSystemErrorMessage } from 'node:util'
import { RegistryError } from '../../core/oci/error.ts'

/** What Node and its parts say beside the message. */
interface Failure extends Error {
  readonly code?: unknown
  readonly errno?: unknown
  /** Of the operating system; zlib's errors have a number too, which is its own. */
  readonly syscall?: unknown
  readonly path?: unknown
  /** What SQLite calls its failure. */
  readonly errstr?: unknown
}

/** `NODE_DEBUG=flotilla` shows where an error comes from. */
const debug = debuglog('flotilla')

export function reasonOf(error: unknown): string {
  debug('%o', error)
  const file = fileReasonOf(error)
  if (file !== undefined) return file
  if (error instanceof RegistryError) return registryReason(error)
  return plainReason(causesOf(error).findLast(isExplained) ?? error)
}

/** The file that could not be read or written, and why, where it was that. */
export function fileReasonOf(error: unknown): string | undefined {
  const failure = causesOf(error).find(({ path, errno }) => typeof path === 'string' && errno !== undefined)
  return failure && `cannot use ${failure.path || "''"}: ${plainReason(failure)}`
}

/** Why nobody answered. */
export function reasonOfSilence(error: unknown): string {
  debug('%o', error)
  const causes = causesOf(error)
  const cause = causes.findLast(isExplained) ?? causes.at(-1)
  return SILENCES.find(([pattern]) => pattern.test(String(cause?.message)))?.[1] ?? plainReason(cause)
}

/** The error, its cause, the cause of that; of several that were met at once, the first. */
export function causesOf(error: unknown): readonly Failure[] {
  const causes: Failure[] = []
  for (let next = error; next instanceof Error && !causes.includes(next); ) {
    causes.push(next)
    next = next.cause ?? (next instanceof AggregateError ? next.errors[0] : undefined)
  }
  return causes
}

/** Words of Node's HTTP client that say little to those who did not write it. */
const SILENCES: readonly (readonly [RegExp, string])[] = [
  [/^bad port$/, 'programs do not speak HTTP on this port'],
  [/wrong version number|packet length too long|http request/i, 'it does not speak TLS; try http://'],
  [/redirect count exceeded/, 'it redirects without end'],
  [
    /^(?:Expected|Invalid|Response does not match|Missing expected)/,
    'what listens there does not speak HTTP',
  ],
  [/terminated|other side closed|premature close/i, 'the connection broke off'],
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
  if (/^Z_/.test(String(code))) return 'what is compressed in it is damaged or cut off'
  if (typeof errstr === 'string') return errstr
  if (/^(?:terminated|other side closed|premature close)$/i.test(message)) return 'the connection broke off'
  if (isFault(error))
    return `${error.name}: ${message} (a fault of flotilla; NODE_DEBUG=flotilla shows where)`
  return message
}

/** What the language throws at a mistake in the code; others have their own words. */
const isFault = (error: Error): boolean =>
  (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) &&
  error.cause === undefined &&
  !('code' in error)
