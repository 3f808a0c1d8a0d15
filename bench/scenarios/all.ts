/** Every scenario, in the order in which they run. */
import type { Scenario } from '../scenario.ts'
import { browserEngines } from './browser-engines.ts'
import { browserHit } from './browser-hit.ts'
import { browserImport } from './browser-import.ts'
import { browserManifest } from './browser-manifest.ts'
import { browserMemory } from './browser-memory.ts'
import { browserPull } from './browser-pull.ts'
import { browserPush } from './browser-push.ts'
import { browserStart } from './browser-start.ts'
import { catalog } from './catalog.ts'
import { manifests } from './manifests.ts'
import { memory } from './memory.ts'
import { pullBlob } from './pull.ts'
import { pushChunked } from './push-chunked.ts'
import { pushPatches } from './push-patches.ts'
import { pushPut } from './push-put.ts'
import { pushSmallBlobs } from './push-small.ts'
import { pushSustained } from './push-sustained.ts'
import { startUp } from './start.ts'
import { swarmPull } from './swarm-pull.ts'
import { swarmPush } from './swarm-push.ts'
import { swarmStart } from './swarm-start.ts'
import { tagsList } from './tags-list.ts'
import { tagsPush } from './tags-push.ts'

export const SCENARIOS: readonly Scenario[] = [
  pushPut,
  pushChunked,
  pushPatches,
  pushSustained,
  pushSmallBlobs,
  pullBlob,
  manifests,
  tagsPush,
  tagsList,
  catalog,
  memory,
  startUp,
  swarmPull,
  swarmPush,
  swarmStart,
  browserHit,
  browserPush,
  browserImport,
  browserPull,
  browserManifest,
  browserMemory,
  browserStart,
  browserEngines,
]
