/** Removes uploads and downloads that nobody goes on with, now and then. */
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Store } from './store.ts'

type Settings = Config['storage']['maintenance']['uploadpurging']

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
  void purge()
  const timer = setInterval(purge, interval)
  return () => clearInterval(timer)
}
