/** The files that this tab imports. They are lost with the page in which they were chosen. */

const files = new Map<string, File>()

/** @param id - the id of the transfer */
export const rememberFile = (id: string, file: File): void => void files.set(id, file)

export const rememberedFile = (id: string): File | undefined => files.get(id)

export const forgetFile = (id: string): void => void files.delete(id)
