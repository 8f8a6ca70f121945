import { createCipheriv, createHash } from 'node:crypto'

const blockSize = 64 << 10

/**
 * Bytes that depend on the name alone: every second block of 64 KiB is noise and the others are words, so that gzip
 * leaves two thirds.
 * @param {string} name
 * @param {number} size in bytes
 * @returns {Buffer}
 */
export function filler(name, size) {
  const bytes = noise(name, size)
  for (let start = blockSize; start < size; start += 2 * blockSize) {
    writeWords(bytes.subarray(start, start + blockSize))
  }
  return bytes
}

function noise(/** @type {string} */ name, /** @type {number} */ size) {
  const key = createHash('sha256').update(name).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

const words = Array.from({ length: 256 }, (_, index) => {
  const letters = noise(`word ${index}`, 3 + (index % 8)).map((byte) => 97 + (byte % 26))
  return Buffer.concat([letters, Buffer.from(' ')])
})

/** Puts a word in the place of as many bytes as it has letters; the first of them chooses it. */
function writeWords(/** @type {Buffer} */ block) {
  for (let at = 0; at < block.length; ) {
    const word = /** @type {Buffer} */ (words[block[at] ?? 0])
    at += word.copy(block, at)
  }
}
