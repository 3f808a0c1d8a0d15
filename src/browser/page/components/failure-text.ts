/** Error messages for users: what happened, and what they can do about it. */
import { ArchiveError } from '../../../core/archive/errors.ts'
import { RegistryError } from '../../../core/oci/error.ts'

export interface FailureText {
  /** A clause, without a full stop. */
  readonly message: string
  /** A sentence. */
  readonly hint?: string
  /** A code that can be searched for. */
  readonly code?: string
  /** Whether trying again would fail in the same way. */
  readonly isFinal?: boolean
}

const FULL = 'Delete images, or free space under Storage; then try again.'
const OFFLINE = 'This browser is offline: only images that are stored here are available.'
const AWAY = 'Nobody of the connected peers has it, or the one that has it has gone.'

/** Hints by the reason why a manifest was not found; other reasons need none. */
const REASONS: Readonly<Record<string, { readonly hint: string }>> = {
  'no-peer': { hint: 'Start the server that this page comes from, or connect to a peer under Peers.' },
  untrusted: { hint: 'Trust its tags under Peers, or pull the image by its digest.' },
}

export function failureText(failure: unknown, isOnline = navigator.onLine): FailureText {
  if (failure instanceof RegistryError) return registryText(failure, isOnline)
  if (failure instanceof DOMException) return browserText(failure)
  if (failure instanceof Error) return faultText(failure)
  return { message: String(failure) }
}

/** The registry's message, with a hint for its kind. */
function registryText(failure: RegistryError, isOnline: boolean): FailureText {
  const { code, status, message, cause } = failure
  if (failure instanceof ArchiveError) return { message, isFinal: true }
  const reason = reasonIn(failure)
  if (reason && isOnline) return { message, ...REASONS[reason], code }
  if (status === 507) return { message, hint: FULL, code }
  if (status === 404) return { message, hint: isOnline ? AWAY : OFFLINE, code }
  if (code === 'UNAVAILABLE' && cause !== undefined)
    return { message: 'the registry in this browser does not answer', hint: 'Reload the page.', code }
  return { message, code }
}

/** The reason why a manifest was not found, if the registry gives one. */
export function reasonIn(failure: unknown): string | undefined {
  const { detail } = (failure ?? {}) as { readonly detail?: { readonly reason?: unknown } | null }
  return typeof detail?.reason === 'string' ? detail.reason : undefined
}

/** @see https://webidl.spec.whatwg.org/#idl-DOMException-error-names */
function browserText({ name, message }: DOMException): FailureText {
  if (name === 'QuotaExceededError') return { message: 'storage is full', hint: FULL }
  if (name === 'NotFoundError' || name === 'NotReadableError')
    return {
      message: 'the file cannot be read any more',
      hint: 'It was changed, moved or deleted; choose it again.',
    }
  return { message: message || name }
}

function faultText({ message }: Error): FailureText {
  if (/dynamically imported module|importing a module/i.test(message))
    return { message: 'a part of the page could not be loaded', hint: 'Reload the page.' }
  return { message: message || 'something unexpected happened' }
}

/** Whether neither this browser nor a peer has it. */
export const isUnknown = (failure: unknown): boolean =>
  failure instanceof RegistryError && failure.status === 404
