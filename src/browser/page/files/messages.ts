/** Messages between the page and the worker that reads layers; both are from the same build. */
import type { Differences } from '../../../core/layers/differences.ts'
import type { Row, View } from '../../../core/layers/list-files.ts'
import type { Waste } from '../../../core/layers/waste.ts'
import type { ErrorCode } from '../../../core/oci/error.ts'

export interface LayerAddress {
  readonly repository: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Where it is read: from this browser, from peers without storing it, or not at all. */
  readonly from: 'here' | 'peers' | 'nowhere'
}

export interface LayerResult {
  readonly entries: number
  /** Whether only the layer's own table of contents was read. */
  readonly isByTable: boolean
  readonly strange: readonly string[]
  readonly strangeCount: number
  /** Why it could not be read, or not completely. */
  readonly failure?: PlainFailure | undefined
}

export interface ReadResult {
  readonly layers: readonly LayerResult[]
  readonly waste: Waste
}

export interface FileContent {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of the whole file. */
  readonly size: number
}

/** The calls that the worker handles, one at a time. */
export interface FilesApi {
  /** Reads the layers of an image; the calls that follow are about it. */
  read(layers: readonly LayerAddress[]): Promise<ReadResult>
  list(path: readonly string[], view: View): Promise<readonly Row[] | undefined>
  search(text: string, view: View): Promise<readonly Row[]>
  /** At most `limit` bytes. */
  content(path: readonly string[], view: View, limit: number): Promise<FileContent>
  compare(
    before: readonly LayerAddress[],
    after: readonly LayerAddress[],
  ): Promise<{ readonly differences: Differences; readonly layers: readonly LayerResult[] }>
}

export interface ReadProgress {
  readonly done: number
  readonly total: number
}

/** An error that can be cloned. */
export interface PlainFailure {
  readonly message: string
  readonly code?: ErrorCode | undefined
  readonly status?: number | undefined
}

export interface Call {
  readonly id: number
  readonly name: keyof FilesApi
  readonly args: readonly unknown[]
}

export type Answer =
  | { readonly progress: ReadProgress }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: PlainFailure }
