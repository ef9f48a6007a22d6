/**
 * The one error of every reader of stored bytes. Whatever is wrong with a file, a payload or a packed value,
 * it is this that is thrown, with what is wrong in plain words; the caller adds where it was.
 */

export class CorruptError extends Error {
  override readonly name = 'CorruptError'
}

/** @param message what is wrong, as the end of a sentence: `listpack: entry beyond its end` */
export function corrupt(message: string): never {
  throw new CorruptError(message)
}
