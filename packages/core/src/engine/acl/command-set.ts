/** A set of commands as a bitmap over their numbers: one copies in some 15 words, and takes in a category at once. */

export class CommandSet {
  readonly #words: Uint32Array

  /** @param count how many commands there are */
  constructor(count: number) {
    this.#words = new Uint32Array(Math.ceil(count / 32))
  }

  has(id: number): boolean {
    return (((this.#words[id >>> 5] as number) >>> (id & 31)) & 1) !== 0
  }

  add(id: number): void {
    this.#words[id >>> 5] = (this.#words[id >>> 5] as number) | (1 << (id & 31))
  }

  delete(id: number): void {
    this.#words[id >>> 5] = (this.#words[id >>> 5] as number) & ~(1 << (id & 31))
  }

  addAll(other: CommandSet): void {
    other.#words.forEach((word, i) => {
      this.#words[i] = (this.#words[i] as number) | word
    })
  }

  deleteAll(other: CommandSet): void {
    other.#words.forEach((word, i) => {
      this.#words[i] = (this.#words[i] as number) & ~word
    })
  }

  fill(): void {
    this.#words.fill(0xffff_ffff)
  }

  clear(): void {
    this.#words.fill(0)
  }

  copyFrom(other: CommandSet): void {
    this.#words.set(other.#words)
  }
}
