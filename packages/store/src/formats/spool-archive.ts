import type { BlobInfo } from '../blobs/blob-store.js'
import { toUtf8 } from '../bytes.js'
import { type Digest, digestOf, isDigest } from '../digest.js'
import { CooperageError, isCooperageError } from '../errors.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import { readTar, type TarItem } from '../tar/read-tar.js'
import { archiveError } from './archive-error.js'
import { copyIntoStore } from './copy-into-store.js'
import { decompressed } from './decompress.js'
import type { ImportOptions } from './import-images.js'

/** Entries of an image archive: three a layer in the oldest form, and images have a few hundred layers at most. */
const MAX_ENTRIES = 100_000
/** Documents in memory, together. */
const MAX_DOCUMENTS = 64 * 1024 * 1024
const MAX_LINKS = 8
const BLOB = /^blobs\/(sha256|sha512)\/([^/]+)$/
const DOCUMENT = /(?:^|\/)(?:[^/]+\.json|json|VERSION|oci-layout|repositories)$/

type Member =
  | { readonly bytes: Uint8Array; readonly blob?: undefined }
  | { readonly blob: BlobInfo; readonly bytes?: undefined }

/** What an archive had: small documents in memory, all else as blobs of the store. */
export class SpooledArchive {
  readonly #members = new Map<string, Member>()
  readonly #links = new Map<string, string>()
  #documents = 0

  /** The member under this name, links followed. */
  find(name: string): Member | undefined {
    let at = name
    for (let i = 0; i < MAX_LINKS; i++) {
      const target = this.#links.get(at)
      if (target === undefined) return this.#members.get(at)
      at = target
    }
    throw archiveError('E_ARCHIVE_PATH', `links in a circle at ${JSON.stringify(name)}`, { name })
  }

  document(name: string): Uint8Array | undefined {
    return this.find(name)?.bytes
  }

  /** @throws E_ARCHIVE_PATH, E_ARCHIVE_ENTRY, E_ARCHIVE_DIGEST, E_ARCHIVE_AMBIGUOUS, E_LIMIT */
  async add(item: TarItem, options: ImportOptions): Promise<void> {
    const { type, size } = item.entry
    const name = memberName(toUtf8(item.entry.name))
    if (type === 'directory') return
    if (type === 'symlink' || type === 'hardlink') {
      const target = toUtf8(item.entry.linkname)
      const from = type === 'symlink' && !target.startsWith('/') ? `${name}/../` : ''
      this.#links.set(name, memberName(`${from}${target}`))
      return
    }
    if (type !== 'file')
      throw archiveError('E_ARCHIVE_ENTRY', `${JSON.stringify(name)} is a ${type}`, { name })
    const member =
      DOCUMENT.test(name) && !BLOB.test(name)
        ? await this.#document(item)
        : await spoolBlob(name, item, options)
    const before = this.#members.get(name)
    // Some readers take the first, others the last of two members with one name.
    if (before && digestOfMember(before) !== digestOfMember(member)) {
      throw archiveError(
        'E_ARCHIVE_AMBIGUOUS',
        `${JSON.stringify(name)} is there twice with different content`,
        { name },
      )
    }
    if (size !== (member.bytes?.length ?? member.blob?.size))
      throw new TypeError('a member was not read whole')
    this.#members.set(name, member)
  }

  async #document(item: TarItem): Promise<Member> {
    const { size } = item.entry
    this.#documents += size
    if (size > JSON_LIMIT || this.#documents > MAX_DOCUMENTS) {
      throw new CooperageError('E_LIMIT', `the documents of the archive are too large`, {
        data: { limit: size > JSON_LIMIT ? JSON_LIMIT : MAX_DOCUMENTS, name: toUtf8(item.entry.name) },
      })
    }
    const parts: Uint8Array[] = []
    for await (const chunk of item.content()) parts.push(new Uint8Array(chunk))
    return { bytes: Buffer.concat(parts) }
  }
}

/** Reads an archive, compressed or not, to its end. */
export async function spoolArchive(
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<SpooledArchive> {
  const archive = new SpooledArchive()
  const signal = options.signal && { signal: options.signal }
  let entries = 0
  for await (const item of readTar(decompressed(source, { what: 'the archive', ...signal }), { ...signal })) {
    if (++entries > MAX_ENTRIES) {
      throw new CooperageError('E_LIMIT', `the archive has more than ${MAX_ENTRIES} entries`, {
        data: { limit: MAX_ENTRIES },
      })
    }
    await archive.add(item, options)
  }
  return archive
}

async function spoolBlob(name: string, item: TarItem, options: ImportOptions): Promise<Member> {
  const match = BLOB.exec(name)
  const digest = match ? `${match[1]}:${match[2]}` : undefined
  if (digest !== undefined && !isDigest(digest)) {
    throw archiveError('E_ARCHIVE_PATH', `${JSON.stringify(name)} is not named by a digest`, { name })
  }
  const expect = { size: item.entry.size, ...(digest !== undefined && { digest: digest as Digest }) }
  try {
    const signal = options.signal && { signal: options.signal }
    return { blob: await copyIntoStore(options.store, item.content(), { expect, ...signal }) }
  } catch (cause) {
    if (!isCooperageError(cause) || cause.code !== 'E_DIGEST_MISMATCH') throw cause
    throw archiveError('E_ARCHIVE_DIGEST', `the content of ${name} is not what its name says`, {
      ...cause.data,
      name,
      cause,
    })
  }
}

function digestOfMember(member: Member): Digest {
  return member.blob?.digest ?? digestOf(member.bytes ?? new Uint8Array(0))
}

/**
 * A name with `.` and inner `..` resolved, so that `./x` and `a/../x` are `x`.
 * @throws E_ARCHIVE_PATH for what leaves the archive.
 */
export function memberName(name: string): string {
  const parts: string[] = []
  const refuse = () =>
    archiveError('E_ARCHIVE_PATH', `a name leaves the archive: ${JSON.stringify(name.slice(0, 300))}`)
  if (name.startsWith('/') || name.includes('\0')) throw refuse()
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) throw refuse()
  }
  return parts.join('/')
}
