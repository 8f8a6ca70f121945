import { CooperageError, resolveInTree } from '@cooperage/store'
import { type OwnerLookup, readTable } from '../execute/owner.js'
import type { ContainerUser } from './sandbox/container.js'

/** The user of a RUN, and what the image says of them. */
export interface RunUser extends ContainerUser {
  readonly home: string
}

type FindLines = (path: string) => Promise<string[][]>

/** What needs no file. */
const PLAIN = /^(?:\d+|root):(?:\d+|root)$/
/** As runc has it: ids that no line of the image has are positive 32-bit numbers with a sign. */
const MAX_ID = 2 ** 31 - 1
/** The kernel's: the one above means "leave it". */
const MAX_LISTED_ID = 2 ** 32 - 2

/**
 * The user that USER names, looked up in the tree. A number is a user id even when somebody bears it as a name. Without
 * a group the user has that of their line in /etc/passwd (0 for a number without a line, and for a line without one)
 * and belongs to every group that lists them; with one they have that group alone. As in Docker, the first of the
 * supplementary groups is the user's own. An id of a line that is none is refused, for 0 is root: runc takes that, and
 * cuts larger ones to 32 bits. Only numbers (or `root`) on both sides of the colon need no files, as in BuildKit.
 * @throws E_USER_UNKNOWN, E_USER_RANGE, E_LIMIT
 */
export async function containerUser(text: string, lookup: OwnerLookup): Promise<RunUser> {
  const isPlain = text === '' || PLAIN.test(text)
  const [user = '', group = ''] = (isPlain ? text.replaceAll('root', '0') : text).split(':', 2)
  const find: FindLines = (path) => (isPlain ? table(path, lookup) : presentTable(path, text, lookup))
  const passwd = await find('/etc/passwd')
  const number = parseId(user === '' ? '0' : user)
  const line = lineOf(passwd, user, number)
  if (line === undefined && number === undefined) throw unknown('user', user, '/etc/passwd')
  const uid = line === undefined ? unlisted(number!) : listed(line, 2, '/etc/passwd')
  // What is not there is not unreadable: such a user is in the group of a number without a line.
  const own = (line?.[3] ?? '') === '' ? 0 : listed(line!, 3, '/etc/passwd')
  const { gid, others } = await groupsOf({ group, own, name: line?.[0] }, find)
  const known = passwd.find((fields) => idOf(fields[2]) === uid)
  return {
    uid,
    gid,
    groups: others.includes(gid) ? others : [gid, ...others],
    home: known === undefined ? '/' : (known[5] ?? ''),
  }
}

async function groupsOf(
  wanted: { readonly group: string; readonly own: number; readonly name: string | undefined },
  findLines: FindLines,
): Promise<{ readonly gid: number; readonly others: readonly number[] }> {
  const { group, own, name } = wanted
  if (group === '' && name === undefined) return { gid: own, others: [] }
  const lines = await findLines('/etc/group')
  if (group !== '') {
    const number = parseId(group)
    const line = lineOf(lines, group, number)
    if (line === undefined && number === undefined) throw unknown('group', group, '/etc/group')
    return { gid: line === undefined ? unlisted(number!) : listed(line, 2, '/etc/group'), others: [] }
  }
  const gid = lineOf(lines, '', own) === undefined ? unlisted(own) : own
  const member = lines.filter((fields) => (fields[3] ?? '').split(',').includes(name!))
  return { gid, others: [...new Set(member.map((fields) => listed(fields, 2, '/etc/group')))] }
}

function lineOf(lines: readonly string[][], name: string, number: number | undefined): string[] | undefined {
  return lines.find((fields) => (number === undefined ? fields[0] === name : idOf(fields[2]) === number))
}

/** BuildKit looks up whatever is not plain, and a file that it cannot open ends the step, also for a number. */
async function presentTable(path: string, text: string, lookup: OwnerLookup): Promise<string[][]> {
  if (resolveInTree(await lookup.tree(), path).node === undefined) {
    const numbers = /^\d+$/.test(text) ? `${text}:${text}` : '1000:1000'
    throw new CooperageError(
      'E_USER_UNKNOWN',
      `cannot look up ${JSON.stringify(text)}: the image has no ${path}`,
      {
        hint: `copy the file into the image first, or give user and group as numbers: USER ${numbers}`,
        data: { name: text, path },
      },
    )
  }
  return table(path, lookup)
}

/** In an empty stage there is no such file. */
async function table(path: string, lookup: OwnerLookup): Promise<string[][]> {
  const lines = await readTable(path, '', { ...lookup, isScratch: false })
  return lines.filter((fields) => fields.length > 1)
}

function parseId(text: string): number | undefined {
  if (!/^[-+]?\d+$/.test(text)) return undefined
  const id = idOf(text)
  if (id !== undefined) return id
  throw outOfRange(text)
}

/** Undefined for what is no id. */
function idOf(text: string | undefined): number | undefined {
  if (!/^\s*[-+]?\d+\s*$/.test(text ?? '')) return undefined
  const id = Number(text)
  return id >= 0 && id <= MAX_LISTED_ID ? Math.abs(id) : undefined
}

/** The id in a field of a line. */
function listed(line: readonly string[], field: number, path: string): number {
  const id = idOf(line[field])
  if (id !== undefined) return id
  const text = line.join(':')
  throw new CooperageError(
    'E_USER_RANGE',
    `a line of ${path} has ${JSON.stringify(line[field] ?? '')} where an id should be: ${JSON.stringify(text)}`,
    { hint: `ids of users and groups go from 0 to ${MAX_LISTED_ID}`, data: { path, line: text } },
  )
}

function unlisted(id: number): number {
  if (id <= MAX_ID) return id
  throw outOfRange(String(id))
}

function outOfRange(text: string): CooperageError {
  return new CooperageError('E_USER_RANGE', `user or group id ${text} is out of range`, {
    hint: `ids go from 0 to ${MAX_ID}; larger ones need a line in /etc/passwd or /etc/group`,
  })
}

function unknown(what: 'user' | 'group', name: string, path: string): CooperageError {
  return new CooperageError(
    'E_USER_UNKNOWN',
    `unable to find ${what} ${JSON.stringify(name)}: no line in ${path}`,
    {
      hint: `add the ${what} in an earlier step, or give a number`,
      data: { name, path },
    },
  )
}
