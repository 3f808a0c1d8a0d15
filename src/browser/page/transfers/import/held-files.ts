/** The files that are imported by this tab: they live no longer than the page, which chose them. */

const files = new Map<string, File>()

/** @param id - of the transfer */
export const holdFile = (id: string, file: File): void => void files.set(id, file)

export const heldFile = (id: string): File | undefined => files.get(id)

export const letGoOfFile = (id: string): void => void files.delete(id)
