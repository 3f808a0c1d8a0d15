/**
 * Polyfills `AsyncDisposableStack` and its parts, which Chrome has since 134, Firefox since 141 and Safari since 27.3.
 * Separate from the worker's code because the build puts it in front of that; browsers that have the class skip it.
 */
import 'core-js/modules/es.symbol.dispose.js'
import 'core-js/modules/es.symbol.async-dispose.js'
import 'core-js/modules/es.suppressed-error.constructor.js'
import 'core-js/modules/es.async-disposable-stack.constructor.js'
