/**
 * The specification's error codes, each with its HTTP status and message.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 */

/** `[status, default message]` of every code that a response may carry. */
export const ERROR_CODES = {
  UNKNOWN: [500, 'unknown error'],
  UNSUPPORTED: [405, 'the operation is unsupported'],
  UNAUTHORIZED: [401, 'authentication required'],
  DENIED: [403, 'requested access to the resource is denied'],
  UNAVAILABLE: [503, 'service unavailable'],
  TOOMANYREQUESTS: [429, 'too many requests'],
  DIGEST_INVALID: [400, 'provided digest did not match uploaded content'],
  SIZE_INVALID: [400, 'provided length did not match content length'],
  RANGE_INVALID: [416, 'invalid content range'],
  NAME_INVALID: [400, 'invalid repository name'],
  TAG_INVALID: [400, 'invalid tag'],
  NAME_UNKNOWN: [404, 'repository name not known to registry'],
  MANIFEST_UNKNOWN: [404, 'manifest unknown'],
  MANIFEST_INVALID: [400, 'manifest invalid'],
  MANIFEST_BLOB_UNKNOWN: [400, 'manifest references a manifest or blob unknown to registry'],
  BLOB_UNKNOWN: [404, 'blob unknown to registry'],
  BLOB_UPLOAD_UNKNOWN: [404, 'blob upload unknown to registry'],
  BLOB_UPLOAD_INVALID: [404, 'blob upload invalid'],
  PAGINATION_NUMBER_INVALID: [400, 'invalid number of results requested'],
} as const satisfies Record<string, readonly [status: number, message: string]>

export type ErrorCode = keyof typeof ERROR_CODES

export interface ErrorOptions {
  /** Any JSON that helps the client; never internal state. */
  readonly detail?: unknown
  readonly cause?: unknown
  /** Overrides the code's status where HTTP has a better one. */
  readonly status?: number
  /** Response headers that belong to this failure, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A failure that is reported to the client. Any other error that is thrown is a bug. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: ErrorCode
  readonly status: number
  readonly detail: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string = ERROR_CODES[code][1], options: ErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status ?? ERROR_CODES[code][0]
    this.detail = options.detail
    this.headers = options.headers ?? {}
  }

  /** The entry of this failure in the error envelope. */
  toJSON(): { code: ErrorCode; message: string; detail?: unknown } {
    const { code, message, detail } = this
    return detail === undefined ? { code, message } : { code, message, detail }
  }
}

/** Several failures of one request, such as all missing blobs of a manifest. The first determines the status. */
export class RegistryErrors extends Error {
  override readonly name = 'RegistryErrors'
  readonly errors: readonly [RegistryError, ...RegistryError[]]

  constructor(errors: readonly [RegistryError, ...RegistryError[]]) {
    super(errors.map((error) => error.message).join('; '))
    this.errors = errors
  }
}

/** UNKNOWN with status 507 (RFC 4918, section 11.5). */
export const storageFull = (cause: unknown): RegistryError =>
  new RegistryError('UNKNOWN', 'storage is full', { status: 507, cause })

export const storageFailed = (cause: unknown): RegistryError =>
  new RegistryError('UNKNOWN', 'storage failed', { cause })

/** A failure of another peer, never of this registry. */
export const peerFailed = (message: string, cause?: unknown): RegistryError =>
  new RegistryError('UNAVAILABLE', message, { cause })
