import type { Terminal } from '../invocation.js'
import { openStdin } from '../open-stdin.js'
import { readLimited } from '../read-limited.js'

/** What came through stdin. A stream of a tar is read once. */
export type StdinSource =
  | { readonly kind: 'dockerfile'; readonly text: Uint8Array }
  | { readonly kind: 'tar'; readonly stream: AsyncIterable<Uint8Array> }

/** A text longer than this was not written by a person. */
const DOCKERFILE_LIMIT = 16 * 1024 * 1024

/** The first bytes of archives: gzip, bzip2, xz, zstd (RFC 8878, 3.1.1). */
const MAGIC = ['1f8b', '425a68', 'fd377a585a00', '28b52ffd'].map((hex) => Buffer.from(hex, 'hex'))
/** Where a POSIX tar says `ustar`. */
const USTAR_AT = 257
const HEAD = 512

/** Tells an archive from the text of a Dockerfile by its first bytes. @throws E_CLI on a terminal, E_LIMIT */
export async function readStdin(terminal: Terminal, signal: AbortSignal): Promise<StdinSource> {
  const stdin = openStdin(terminal, signal)
  const chunks = stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const head: Uint8Array[] = []
  let length = 0
  while (length < HEAD) {
    const next = await chunks.next()
    if (next.done) break
    head.push(next.value)
    length += next.value.length
  }
  const stream = joined(Buffer.concat(head), chunks)
  if (isArchive(Buffer.concat(head))) return { kind: 'tar', stream }
  return { kind: 'dockerfile', text: await readLimited(stream, DOCKERFILE_LIMIT, 'the Dockerfile on stdin') }
}

/** The text of a Dockerfile (`-f -`). @throws E_CLI on a terminal, E_LIMIT */
export async function readStdinDockerfile(terminal: Terminal, signal: AbortSignal): Promise<Buffer> {
  return readLimited(openStdin(terminal, signal), DOCKERFILE_LIMIT, 'the Dockerfile on stdin')
}

function isArchive(head: Buffer): boolean {
  if (MAGIC.some((magic) => head.subarray(0, magic.length).equals(magic))) return true
  if (head.subarray(USTAR_AT, USTAR_AT + 5).toString('latin1') === 'ustar') return true
  // The old format has no magic; and an archive without entries is all zero bytes.
  return head.length >= HEAD && head.subarray(0, HEAD).includes(0)
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
