/** The owner of a registry in a test: the user who can read its data folder. */
import { type OwnerAccess, readOwnerFile } from '../../src/node/owner-file.ts'

export async function ownerAccess(data: string): Promise<OwnerAccess> {
  const access = await readOwnerFile(data)
  if (access) return access
  throw new Error(`no registry runs in ${data}`)
}

export const ownerHeaders = async (data: string): Promise<{ Authorization: string }> => ({
  Authorization: `Bearer ${(await ownerAccess(data)).token}`,
})

/** Asks the owner's API of the registry on this data folder. */
export async function askAsOwner(
  { url, data }: { readonly url: string; readonly data: string },
  path: string,
  method = 'GET',
): Promise<Response> {
  return fetch(url + path, { method, headers: await ownerHeaders(data) })
}
