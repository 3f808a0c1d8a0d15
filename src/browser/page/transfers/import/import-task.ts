/** The import of one file: by which it is found again, since the bytes themselves are not kept. */
export interface ImportTask {
  readonly fileName: string
  /** In bytes. */
  readonly size: number
  /** In milliseconds since 1970. */
  readonly lastModified: number
  /** Where the engine gives one: the file can be read again after a reload, when its user allows that. */
  readonly handle?: FileSystemFileHandle | undefined
  readonly isFolder?: boolean | undefined
  /** Where its images go. */
  readonly repositories?: readonly string[] | undefined
  /** By the archive's user, where it has none itself. */
  readonly name?: GivenName | undefined
}

export interface GivenName {
  readonly repository?: string
  readonly tag?: string
}
