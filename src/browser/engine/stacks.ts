/**
 * `AsyncDisposableStack` and what belongs to it: Chrome has it since 134, Firefox since 141, Safari since 27.3. Apart from
 * the worker's own code, in front of which the build puts it: browsers that have it pass over it.
 */
import 'core-js/modules/es.symbol.dispose.js'
import 'core-js/modules/es.symbol.async-dispose.js'
import 'core-js/modules/es.suppressed-error.constructor.js'
import 'core-js/modules/es.async-disposable-stack.constructor.js'
