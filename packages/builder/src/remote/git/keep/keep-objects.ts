import { type BlobStore, type Digest, isDigest } from '@cooperage/store'
import { aboutRemote } from '../git-error.js'
import { type GitProcessOptions, gitOutput } from '../git-process.js'
import { encodeIndexFile, type ListedFile } from './encode-index-file.js'
import { encodePackIndex } from './encode-pack-index.js'
import { OutputReader } from './output-reader.js'
import { PackWriter } from './pack-writer.js'

export interface KeptFile {
  readonly digest: Digest
  readonly size: number
}

/** What `.git` holds of a commit, as blobs. */
export interface KeptObjects {
  readonly pack: KeptFile
  readonly packIndex: KeptFile
  /** The file `index`: what is checked out. */
  readonly index: KeptFile
  /** Part of the name of the pack. */
  readonly packName: string
  /** True when parents of the commit are named that are not there. */
  readonly isShallow: boolean
}

/** A large repository of today has a third of it. */
const MAX_OBJECTS = 1_000_000

interface Wanted {
  readonly commit: string
  /** Of the annotated tag, which is kept too. */
  readonly tag: string | undefined
  readonly files: readonly ListedFile[]
}

type Git = GitProcessOptions & { readonly blobs: BlobStore; readonly maxBytes: number }

/** Packs a commit with all that it holds, and nothing of its history. The same commit gives the same bytes. */
export async function keepObjects({ commit, tag, files }: Wanted, git: Git): Promise<KeptObjects> {
  const algorithm = commit.length === 64 ? 'sha256' : 'sha1'
  const names = await reachable(commit, git)
  if (tag !== undefined) names.add(tag)
  let isShallow = false
  await using out = await git.blobs.writer({ signal: git.signal })
  const pack = new PackWriter(out, algorithm)
  await pack.begin(names.size)
  // In the order of their names.
  const args = ['cat-file', '--batch', '--batch-all-objects']
  const reader = new OutputReader(gitOutput(args, git))
  try {
    for (let line = await reader.line(256); line !== undefined; line = await reader.line(256)) {
      const [name = '', type = '', length = ''] = line.split(' ')
      const size = Number(length)
      const isWanted = names.delete(name)
      if (isWanted && out.written + size > git.maxBytes) throw tooLarge(git)
      const read = async (count: number) => (await reader.take(count)) ?? fail(git)
      if (!isWanted) await skip(size, read)
      else if (name === commit && size < 1 << 20) {
        const content = Buffer.from(await read(size))
        isShallow = /^(?:.+\n)*parent /.test(content.toString('latin1'))
        let rest = content
        await pack.add({ name, type, size }, async (count) => {
          const piece = rest.subarray(0, count)
          rest = rest.subarray(count)
          return piece
        })
      } else await pack.add({ name, type, size }, read)
      await read(1)
    }
  } finally {
    await reader.close()
  }
  if (names.size > 0) throw fail(git)
  const checksum = await pack.end()
  const { digest, size } = await out.commit()
  const packIndex = await git.blobs.put(encodePackIndex(pack.objects, { checksum, algorithm }))
  const index = await git.blobs.put(encodeIndexFile(files, algorithm))
  return { pack: { digest, size }, packIndex, index, packName: checksum.toString('hex'), isShallow }
}

/** Names of the commit and of its trees and files. */
async function reachable(commit: string, git: Git): Promise<Set<string>> {
  const names = new Set<string>()
  const args = ['rev-list', '--objects', '--no-object-names', '--max-count=1', commit]
  const reader = new OutputReader(gitOutput(args, git))
  try {
    for (let line = await reader.line(256); line !== undefined; line = await reader.line(256)) {
      names.add(line)
      if (names.size <= MAX_OBJECTS) continue
      const problem = `it has over ${MAX_OBJECTS} files and folders, too many to keep .git`
      throw aboutRemote('E_LIMIT', git.remote, { problem, data: { limit: MAX_OBJECTS } })
    }
  } finally {
    await reader.close()
  }
  return names
}

async function skip(size: number, read: (count: number) => Promise<unknown>): Promise<void> {
  for (let left = size; left > 0; left -= 65_536) await read(Math.min(left, 65_536))
}

function tooLarge({ remote, maxBytes }: Git) {
  const problem = `its objects are over ${maxBytes} bytes`
  return aboutRemote('E_LIMIT', remote, { problem, data: { limit: maxBytes } })
}

function fail({ remote }: Git): never {
  throw aboutRemote('E_GIT_FAILED', remote, { problem: 'its objects cannot be read' })
}

/** What a record says, if it is whole. */
export function parseKept(value: unknown): KeptObjects | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { pack, packIndex, index, packName, isShallow } = value as Partial<KeptObjects>
  const areFiles = [pack, packIndex, index].every(
    (file) => isDigest(file?.digest) && Number.isSafeInteger(file?.size),
  )
  const isWhole = areFiles && typeof packName === 'string' && typeof isShallow === 'boolean'
  return isWhole ? (value as KeptObjects) : undefined
}
