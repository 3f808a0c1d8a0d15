/**
 * What a scenario is: the figures it gives, and one function that readies a registry and returns the run to be
 * measured.
 */
import { KIB, MIB } from './client/blob.ts'
import type { Environment, Server } from './server/process.ts'
import type { Registry } from './server/registries.ts'

export interface Figure {
  readonly name: string
  readonly unit: string
  readonly better: 'more' | 'less'
  /** How many times better than the reference it has to be. */
  readonly ratio?: number
  /** The most that ours may be. */
  readonly limit?: number
  /** The least that ours has to be. */
  readonly least?: number
}

/** One value for each figure, by its name. */
export type Values = Readonly<Record<string, number>>
export type Run = () => Promise<Values>

export interface Scenario {
  readonly name: string
  readonly title: string
  readonly figures: readonly Figure[]
  /**
   * `round`: each run has a fresh folder and server. `scenario`: `ready` is called once for each registry and
   * its run repeated, for what leaves nothing behind.
   */
  readonly lasts: 'round' | 'scenario'
  /** Without the reference: a question that only we ask. */
  readonly alone?: boolean
  ready(stage: Stage): Promise<Run>
}

/** A registry's place for one scenario: an empty folder, and servers that are stopped afterwards. */
export interface Stage {
  readonly dataFolder: string
  readonly size: Size
  /** Starts the stage's registry on the folder, or another one. */
  start(options?: StartOptions): Promise<Server>
  /** A second stage, on its own folder. */
  within(folder: string): Stage
}

export interface StartOptions {
  readonly registry?: Registry
  /** Variables of the environment, over what the registry sets itself. */
  readonly environment?: Environment
}

/** How much work the scenarios do. */
export interface Size {
  readonly blob: number
  /** What one peer gets from another. */
  readonly swarmBlob: number
  /** What a browser pushes, pulls and reads. */
  readonly browserBlob: number
  readonly smallBlobs: number
  readonly seconds: number
  readonly tags: number
  readonly manyTags: number
  readonly manyBlobs: number
  readonly storedBlobs: number
}

export const FULL: Size = {
  blob: KIB * MIB,
  swarmBlob: 512 * MIB,
  browserBlob: 256 * MIB,
  smallBlobs: 2_000,
  seconds: 2,
  tags: 10_000,
  manyTags: 10_000,
  manyBlobs: 1_000_000,
  storedBlobs: 100_000,
}

export const QUICK: Size = {
  blob: 64 * MIB,
  swarmBlob: 64 * MIB,
  browserBlob: 32 * MIB,
  smallBlobs: 60,
  seconds: 0.3,
  tags: 200,
  manyTags: 1_000,
  manyBlobs: 20_000,
  storedBlobs: 2_000,
}
