/** What a page tells a service worker. */

/** To one that waits: replace the one in charge. */
export const TAKE_OVER = 'take over'

/** To the one in charge: of this page too, which was loaded past it. */
export const TAKE_CHARGE = 'take charge'

/** Any other message only keeps the worker awake. */
export const STAY_AWAKE = 'stay awake'
