import { CooperageError } from '@cooperage/store'
import { type OwnerLookup, readTable } from '../execute/owner.js'
import type { ContainerUser } from './sandbox/container.js'

/** The user of a RUN, and what the image says of them. */
export interface RunUser extends ContainerUser {
  readonly home: string
}

/** As runc has it: ids are positive 32-bit numbers with a sign. */
const MAX_ID = 2 ** 31 - 1

/**
 * The user that USER names, looked up in the tree. A number is a user id even when somebody bears it as a name. Without
 * a group the user has that of their line in /etc/passwd (0 for a number without a line) and belongs to every group
 * that lists them; with one they have that group alone. As in Docker, the first of the supplementary groups is the
 * user's own.
 * @throws E_USER_UNKNOWN, E_USER_RANGE, E_LIMIT
 */
export async function containerUser(text: string, lookup: OwnerLookup): Promise<RunUser> {
  const [user = '', group = ''] = text.split(':', 2)
  const passwd = await table('/etc/passwd', lookup)
  const number = parseId(user === '' ? '0' : user)
  const line = passwd.find((fields) =>
    number === undefined ? fields[0] === user : idOf(fields[2]) === number,
  )
  if (line === undefined && number === undefined) throw unknown('user', user, '/etc/passwd')
  const uid = number ?? idOf(line![2])
  const own = line === undefined ? 0 : idOf(line[3])
  const { gid, others } = await groupsOf({ group, own, name: line?.[0] }, lookup)
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
  lookup: OwnerLookup,
): Promise<{ readonly gid: number; readonly others: readonly number[] }> {
  const { group, own, name } = wanted
  if (group === '' && name === undefined) return { gid: own, others: [] }
  const lines = await table('/etc/group', lookup)
  if (group !== '') {
    const number = parseId(group)
    const line = lines.find((fields) =>
      number === undefined ? fields[0] === group : idOf(fields[2]) === number,
    )
    if (line === undefined && number === undefined) throw unknown('group', group, '/etc/group')
    return { gid: number ?? idOf(line![2]), others: [] }
  }
  const member = lines.filter((fields) => (fields[3] ?? '').split(',').includes(name!))
  return { gid: own, others: [...new Set(member.map((fields) => idOf(fields[2])))] }
}

/** In an empty stage there is no such file, and only names miss it. */
async function table(path: string, lookup: OwnerLookup): Promise<string[][]> {
  const lines = await readTable(path, '', { ...lookup, isScratch: false })
  return lines.filter((fields) => fields.length > 1)
}

function parseId(text: string): number | undefined {
  if (!/^[-+]?\d+$/.test(text)) return undefined
  const id = Number(text)
  if (id >= 0 && id <= MAX_ID) return Math.abs(id)
  throw new CooperageError('E_USER_RANGE', `user or group id ${text} is out of range`, {
    hint: `ids go from 0 to ${MAX_ID}`,
  })
}

/** What is no number counts as 0, as for runc. */
function idOf(text: string | undefined): number {
  const id = /^\s*\d+\s*$/.test(text ?? '') ? Number(text) : 0
  return id <= MAX_ID ? id : 0
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
