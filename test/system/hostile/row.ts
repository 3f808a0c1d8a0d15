/**
 * What the tables are made of: bad requests as data, each with the answers that are right. They are sent as bytes on
 * a plain socket, so that no client library puts them right first.
 */
import type { ErrorCode } from '../../../src/core/oci/error.ts'

/** In targets, `{upload}` is the path of a new upload that holds 5 bytes, `{sandbox}` the folder around the data. */
export interface Request {
  /** Default: GET. */
  readonly method?: string
  readonly target: string
  /** Header lines as sent. `Content-Length` is added unless they say how the body is framed. */
  readonly headers?: readonly string[]
  /** Made when it is sent, where it is large. */
  readonly body?: string | Uint8Array | (() => string | Uint8Array)
}

interface Expectation {
  readonly title: string
  /** Each answer has one of these. */
  readonly statuses: readonly number[]
  /** Of the first error in the envelope, where only one is right. */
  readonly code?: ErrorCode
}

/** A request of good form whose parts are bad. */
export interface RequestRow extends Expectation, Request {
  /** The body does not come as announced: the client leaves when it has its answer. */
  readonly isUnfinished?: boolean
}

/** Bytes that are no good HTTP; Node's parser may refuse them, with an empty body. */
export interface BytesRow extends Expectation {
  /** Sent one after the other, with a pause in between. */
  readonly bytes: readonly string[]
  /** Default: 1. A request that was smuggled would get one of its own. */
  readonly answers?: number
  /** The server rightly waits for more, or cuts the connection without a word. The client leaves after a moment. */
  readonly mayBeSilent?: boolean
}

export type Row = RequestRow | BytesRow
