/** Removes uploads and downloads that nobody goes on with, and blobs that no image needs, now and then. */
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Store } from './store.ts'

type Settings = Pick<Config['storage']['maintenance'], 'uploadpurging' | 'orphans'>
type Purged = Pick<Store, 'uploads' | 'downloads' | 'orphans'>

/** Milliseconds that an upload without a byte stays: who begins one sends at once. */
const EMPTY_AGE = 3_600_000

/** Begins at once, and again after each interval. Gives the function that ends it. */
export function startPurging(store: Purged, { uploadpurging, orphans }: Settings, log: Log): () => void {
  const ends = [
    ...(uploadpurging.enabled ? [purgeUploads(store, uploadpurging, log)] : []),
    ...(orphans.enabled ? [purgeOrphans(store, orphans, log)] : []),
  ]
  return () => {
    for (const end of ends) end()
  }
}

function purgeUploads(
  { uploads, downloads }: Purged,
  { age, interval, dryrun }: Settings['uploadpurging'],
  log: Log,
): () => void {
  const purge = async () => {
    try {
      const time = Date.now() - age
      const options = { dryRun: dryrun }
      const ids = [...(await uploads.purge(time, options)), ...(await downloads.purge(time, options))]
      if (ids.length > 0) log.info(dryrun ? 'abandoned uploads found' : 'abandoned uploads purged', { ids })
    } catch (error) {
      log.error('purging uploads failed', { err: error })
    }
  }
  const purgeEmpty = async () => {
    try {
      await uploads.purgeEmpty(Date.now() - Math.min(age, EMPTY_AGE))
    } catch (error) {
      log.error('purging empty uploads failed', { err: error })
    }
  }
  void purge()
  const timers = [setInterval(purge, interval)]
  if (!dryrun) timers.push(setInterval(purgeEmpty, Math.min(interval, EMPTY_AGE)))
  return () => timers.forEach(clearInterval)
}

function purgeOrphans(
  { orphans }: Purged,
  { age, interval, dryrun }: Settings['orphans'],
  log: Log,
): () => void {
  const purge = async () => {
    try {
      const since = Date.now() - age
      const bytes = await (dryrun ? orphans.bytes({ since }) : orphans.free({ since }))
      if (bytes > 0)
        log.info(dryrun ? 'blobs that no image needs found' : 'blobs that no image needs removed', { bytes })
    } catch (error) {
      log.error('blobs that no image needs could not be removed', { err: error })
    }
  }
  void purge()
  const timer = setInterval(purge, interval)
  return () => clearInterval(timer)
}
