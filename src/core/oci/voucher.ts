/**
 * The annotation by which a listing of referrers names the peer on whose word an entry stands in it. What was pushed has
 * none. Not of the standard, which lets a registry say nothing else of an entry; clients pass over what they do not know.
 */
export const VOUCHER = 'vnd.flotilla.peer'
