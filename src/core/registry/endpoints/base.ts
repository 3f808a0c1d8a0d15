/** `/v2/`: tells clients that this is a registry. */
import type { Endpoint } from '../context.ts'
import { jsonResponse } from '../http.ts'

export const ping: Endpoint = async () => jsonResponse(200, {})
