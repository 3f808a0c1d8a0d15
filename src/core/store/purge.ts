/** Periodically removes abandoned uploads and downloads, and blobs that no image needs. */
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Store } from './store.ts'

type Settings = Pick<Config['storage']['maintenance'], 'uploadpurging' | 'orphans'>
type PurgedStores = Pick<Store, 'uploads' | 'downloads' | 'orphans'>

/** Milliseconds for which an upload without a byte stays. Clients send the first bytes right away. */
const EMPTY_AGE_MS = 3_600_000

/** Purges now and after each interval. Returns the function that stops it. */
export function startPurging(
  store: PurgedStores,
  { uploadpurging, orphans }: Settings,
  log: Log,
): () => void {
  const stops = [
    ...(uploadpurging.enabled ? [purgeUploads(store, uploadpurging, log)] : []),
    ...(orphans.enabled ? [purgeOrphans(store, orphans, log)] : []),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function purgeUploads(
  { uploads, downloads }: PurgedStores,
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
      log.error('abandoned uploads could not be purged', { err: error })
    }
  }
  const purgeEmpty = async () => {
    try {
      await uploads.purgeEmpty(Date.now() - Math.min(age, EMPTY_AGE_MS))
    } catch (error) {
      log.error('empty uploads could not be purged', { err: error })
    }
  }
  void purge()
  const timers = [setInterval(purge, interval)]
  if (!dryrun) timers.push(setInterval(purgeEmpty, Math.min(interval, EMPTY_AGE_MS)))
  return () => timers.forEach(clearInterval)
}

function purgeOrphans(
  { orphans }: PurgedStores,
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
