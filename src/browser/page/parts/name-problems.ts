/** What is wrong with a name that somebody typed, and how it would be right. */

export const NAME_PROBLEM =
  'A repository is written in lower case, such as team/app: letters and digits, with . _ - / between them.'

export const TAG_PROBLEM =
  'A tag has letters, digits and . _ -, at most 128 of them, and begins with a letter, a digit or _.'
