const BASE = 65_521
/** So many sums fit into 32 bits before they have to be reduced. */
const RUN = 5552

/** The checksum of zlib data (RFC 1950, 8). */
export class Adler32 {
  #a = 1
  #b = 0

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += RUN) {
      const end = Math.min(at + RUN, bytes.length)
      for (let i = at; i < end; i++) {
        this.#a += bytes[i]!
        this.#b += this.#a
      }
      this.#a %= BASE
      this.#b %= BASE
    }
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt16BE(this.#b, 0)
    bytes.writeUInt16BE(this.#a, 2)
    return bytes
  }
}
