/** The keys and values of the benchmarks that fill a database: 16 and 3 bytes, values that are no numbers. */

export const keyOf = (i: number): string => flat(`key:${String(i).padStart(12, '0')}`)
export const textOf = (i: number): string => flat(`v${String(i % 100).padStart(2, '0')}`)

// V8 builds a concatenated string as a tree of its parts. What a socket delivers is flat, and so is this.
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')
