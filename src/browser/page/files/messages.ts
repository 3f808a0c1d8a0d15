/** What the page asks the worker that reads layers, and what it answers: both sides are of one build. */
import type { Differences } from '../../../core/layers/differences.ts'
import type { Row, View } from '../../../core/layers/look.ts'
import type { Waste } from '../../../core/layers/waste.ts'
import type { ErrorCode } from '../../../core/oci/error.ts'

export interface LayerAddress {
  readonly repository: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Where it is read: stored here, at peers, of which nothing is kept, or not at all. */
  readonly from: 'here' | 'peers' | 'nowhere'
}

export interface LayerResult {
  readonly entries: number
  /** Read by the table of contents that the layer brings along. */
  readonly isByTable: boolean
  readonly strange: readonly string[]
  readonly strangeCount: number
  /** Why no more of it is known, or nothing. */
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

/** What the worker does. One call at a time. */
export interface FilesApi {
  /** Of one image: all calls that follow are about it. */
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

/** A RegistryError, as a message can carry it. */
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
