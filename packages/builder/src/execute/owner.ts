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
 * The owner that `user[:group]` names, as `--chown` and USER write it. Numbers and `root` need no file; other names are
 * looked up in the tree's `/etc/passwd` and `/etc/group`, never on this machine. A user without a group brings the
 * group of their passwd line, a number alone is its own group, and nothing on a side of the colon is 0. As in BuildKit,
 * a user that the image's files do not hold is 0, a group that they do not hold leaves that of the user, and a name in
 * a stage that holds nothing at all is an error. In those files an id below zero is the one that its 32 bits say, and
 * what is no number is 0.
 * @throws E_USER_UNKNOWN, E_USER_RANGE, E_LIMIT
 */
export async function resolveOwner(text: string, lookup: OwnerLookup): Promise<Owner> {
  const colon = text.indexOf(':')
  const owner = await findUser(colon === -1 ? text : text.slice(0, colon), lookup)
  if (colon === -1) return owner
  return { ...owner, gid: (await findGroup(text.slice(colon + 1), lookup)) ?? owner.gid }
}

async function findUser(user: string, lookup: OwnerLookup): Promise<Owner> {
  const id = parseId(user)
  if (id !== undefined) return { uid: id, gid: id }
  const line = (await readTable('/etc/passwd', user, lookup)).find((fields) => fields[0] === user)
  return { uid: listedId(line?.[2]), gid: listedId(line?.[3]) }
}

/** Undefined for a name that no line has. */
async function findGroup(group: string, lookup: OwnerLookup): Promise<number | undefined> {
  const id = parseId(group)
  if (id !== undefined) return id
  const line = (await readTable('/etc/group', group, lookup)).find((fields) => fields[0] === group)
  return line && listedId(line[2])
}

/** The id in a field of a line. */
function listedId(text = ''): number {
  if (!text.startsWith('-')) return parseId(text) ?? 0
  if (!/^-\d+$/.test(text)) return 0
  const id = Number(text)
  // -1 is no owner: to chown(2) it says that the one who is there stays.
  if (id === 0) return 0
  if (id < -1 && id >= -(2 ** 31)) return id + 2 ** 32
  throw outOfRange(text)
}

function parseId(text: string): number | undefined {
  if (text === '' || text === 'root') return 0
  if (!/^\+?\d+$/.test(text)) return undefined
  const id = Number(text)
  if (id <= MAX_ID) return id
  throw outOfRange(text)
}

function outOfRange(text: string): CooperageError {
  return new CooperageError('E_USER_RANGE', `user or group id ${text} is out of range`, {
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
