/** The version of the package. A bundler can inline it. */
import manifest from '../../package.json' with { type: 'json' }

export const version: string = manifest.version
