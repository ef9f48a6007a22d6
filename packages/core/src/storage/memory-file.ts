/** The bytes of a file in memory. Room grows by doubling, so appending costs O(bytes appended) over time. */

export class MemoryFile {
  #room = new Uint8Array(0)
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** A copy of `count` bytes from `offset` on, fewer at the end. */
  read(offset: number, count: number): Uint8Array {
    return this.#room.slice(Math.min(offset, this.#bytes), Math.min(offset + count, this.#bytes))
  }

  append(piece: Uint8Array): void {
    const end = this.#bytes + piece.length
    if (end > this.#room.length) {
      const room = new Uint8Array(Math.max(end, 2 * this.#bytes, 64))
      room.set(this.#room.subarray(0, this.#bytes))
      this.#room = room
    }
    this.#room.set(piece, this.#bytes)
    this.#bytes = end
  }

  /** Keeps the first `bytes` bytes, of which there are at least as many. */
  cut(bytes: number): void {
    this.#bytes = bytes
  }
}
