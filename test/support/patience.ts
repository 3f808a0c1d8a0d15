/** How long `vi.waitFor` waits for what must come, which has no setting for it as `expect.poll` has. */
export const PATIENCE = { timeout: 30_000 } as const
