/** The version of the package, apart so that a bundler can put it in the place of the import. */
import manifest from '../../package.json' with { type: 'json' }

export const version: string = manifest.version
