import type { OpenHostContent } from '@cooperage/store'
import {
  type BlobStore,
  CooperageError,
  type DirectoryNode,
  openContents,
  resolveInTree,
} from '@cooperage/store'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export interface OwnerLookup {
  readonly tree: () => Promise<DirectoryNode>
  /** Nothing has been put into the stage yet: a name cannot mean anything. */
  readonly isScratch: boolean
  readonly blobs: BlobStore
  readonly openHost: OpenHostContent
}

/** BuildKit's bound on the files of users and groups. */
const MAX_FILE = 10 * 1024 * 1024
const MAX_ID = 2 ** 32 - 2

/**
 * The owner that `user[:group]` names, as `--chown` and USER write it. Numbers need no file; names are looked up
 * in the tree's `/etc/passwd` and `/etc/group`, never on this machine. A user without a group brings the group of
 * their passwd line, a number alone is its own group. As in BuildKit, a user whom the image's files do not hold is 0, a
 * group that they do not hold is no group, no group after a colon is 0, and a name in a stage that holds nothing at all is an error.
 * @throws E_USER_UNKNOWN, E_USER_RANGE, E_LIMIT
 */
export async function resolveOwner(text: string, lookup: OwnerLookup): Promise<Owner> {
  if (text === '') return { uid: 0, gid: 0 }
  const colon = text.indexOf(':')
  const user = colon < 0 ? text : text.slice(0, colon)
  const numeric = parseId(user)
  let uid = numeric ?? 0
  let gid = numeric ?? 0
  if (numeric === undefined && user !== '') {
    const [, , id, group] = (await findLine('/etc/passwd', user, lookup)) ?? []
    uid = parseId(id ?? '') ?? 0
    gid = parseId(group ?? '') ?? 0
  }
  if (colon >= 0) {
    const group = text.slice(colon + 1)
    const id = parseId(group)
    const line = id === undefined && group !== '' ? await findLine('/etc/group', group, lookup) : undefined
    if (group === '') gid = 0
    else gid = id ?? (line === undefined ? gid : (parseId(line[2] ?? '') ?? 0))
  }
  return { uid, gid }
}

async function findLine(path: string, name: string, lookup: OwnerLookup): Promise<string[] | undefined> {
  return (await readTable(path, name, lookup)).find((fields) => fields[0] === name)
}

function parseId(text: string): number | undefined {
  if (text === 'root') return 0
  if (!/^\+?\d+$/.test(text)) return undefined
  const id = Number(text)
  if (id <= MAX_ID) return id
  throw new CooperageError('E_USER_RANGE', `user or group id ${text} is out of range`, {
    hint: `ids go from 0 to ${MAX_ID}`,
  })
}

/** The lines of `/etc/passwd` or `/etc/group` of a tree, cut at their colons; none when there is no such file. */
export async function readTable(path: string, name: string, lookup: OwnerLookup): Promise<string[][]> {
  if (lookup.isScratch) {
    throw new CooperageError(
      'E_USER_UNKNOWN',
      `cannot look up "${name}": the stage is empty and has no ${path}`,
      {
        hint: 'give a number, or copy the file into the image first',
        data: { name, path },
      },
    )
  }
  const { node } = resolveInTree(await lookup.tree(), path)
  if (node?.type === 'directory') {
    throw new CooperageError('E_USER_UNKNOWN', `cannot look up "${name}": ${path} is a directory`, {
      hint: 'give a number, or copy a file there first',
      data: { name, path },
    })
  }
  if (node?.type !== 'file') return []
  if (node.size > MAX_FILE) {
    throw new CooperageError('E_LIMIT', `${path} has ${node.size} bytes; at most ${MAX_FILE} are read`)
  }
  await using contents = await openContents([node], lookup.blobs, lookup.openHost)
  const bytes = Buffer.alloc(node.size)
  const open = contents.open(node)
  try {
    for (let at = 0; at < bytes.length; ) {
      const read = open.read(bytes.subarray(at))
      if (read === 0) break
      at += read
    }
  } finally {
    open.close()
  }
  return bytes
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim().split(':'))
}
