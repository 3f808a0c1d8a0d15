/**
 * The page's side of the bridge: asks the page's own registry what programs ask the bridge. Runs in the page, so it may
 * use nothing from outside the function.
 */

/** A request of the bridge, one JSON text per line. */
export interface BridgedRequest {
  readonly id: number
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly hasBody: boolean
}

/** Status and headers of the response; no status if there is none. */
export interface BridgedHead {
  readonly status?: number
  readonly headers?: readonly (readonly [string, string])[]
}

/** Resolves when it is connected. */
export async function serveBridge(bridge: string): Promise<void> {
  const requests = await fetch(`${bridge}/-/requests`)
  void listen(requests.body!)

  async function listen(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let text = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split('\n')
      text = lines.pop()!
      for (const line of lines) void handle(JSON.parse(line))
    }
  }

  async function handle(request: BridgedRequest): Promise<void> {
    try {
      const response = await ask(request)
      const { status, headers } = response
      await answer(request.id, { status, headers: [...headers] }, await response.blob())
    } catch {
      await answer(request.id, {}).catch(() => {}) // the bridge was closed
    }
  }

  async function ask({ id, method, target, headers, hasBody }: BridgedRequest): Promise<Response> {
    const body = hasBody ? (await fetch(`${bridge}/-/body/${id}`)).body : null
    const init = { method, headers: headers as [string, string][], body, duplex: 'half' }
    return await fetch(target, init as RequestInit)
  }

  async function answer(id: number, head: BridgedHead, body?: Blob): Promise<void> {
    const query = encodeURIComponent(JSON.stringify(head))
    await fetch(`${bridge}/-/answer/${id}?${query}`, { method: 'POST', body: body?.slice() ?? null })
  }
}
