/** Removes uploads and downloads that nobody goes on with, now and then. */
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Store } from './store.ts'

type Settings = Config['storage']['maintenance']['uploadpurging']

/** Milliseconds that an upload without a byte stays: who begins one sends at once. */
const EMPTY_AGE = 3_600_000

/** Begins at once, and again after each interval. Gives the function that ends it. */
export function startPurging(
  { uploads, downloads }: Pick<Store, 'uploads' | 'downloads'>,
  settings: Settings,
  log: Log,
): () => void {
  const { age, interval, dryrun } = settings
  if (!settings.enabled) return () => {}
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
