/** What stores of Helia throw where they have nothing. Apart because both of ours do, and it is known by its name. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
}
