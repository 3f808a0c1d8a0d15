/** `/v2/`: tells clients that this is a registry. */

import { jsonResponse } from '../../http/message.ts'
import type { Endpoint } from '../context.ts'

export const ping: Endpoint = async () => jsonResponse(200, {})
