/**
 * A string in which every character stands for one byte (0x00–0xff): names of files are bytes on Linux and
 * in tar, and need not be UTF-8. Held this way they are cheap keys, and `<` orders them by bytes.
 */
export type ByteString = string

const NON_ASCII = /[^\x00-\x7f]/

/** The bytes of `text` in UTF-8. */
export function fromUtf8(text: string): ByteString {
  return NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

/** For showing to a person or for JSON: bytes that are not UTF-8 become U+FFFD. */
export function toUtf8(bytes: ByteString): string {
  return NON_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}

/** The bytes themselves. */
export function toBuffer(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1')
}

export function fromBuffer(buffer: Uint8Array): ByteString {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1')
}

/** A path as `node:fs` must be given it: a Buffer when a string would be encoded anew as UTF-8. */
export function hostPath(bytes: ByteString): string | Buffer {
  return NON_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1') : bytes
}

/** True when the bytes are well-formed UTF-8. */
export function isUtf8Bytes(bytes: ByteString): boolean {
  return !NON_ASCII.test(bytes) || fromUtf8(toUtf8(bytes)) === bytes
}
