import { readFileSync } from 'node:fs'
import { hasErrno } from '@cooperage/store'
import type { Operation } from './init/operation.js'
import { countIds, ownCapabilities, ownIds } from './machine.js'

/** The ids of a user namespace, as lines of uid_map(5): id inside, id outside, count. */
export interface IdMaps {
  readonly uids: string
  readonly gids: string
  /** More than the caller's own. */
  readonly manyIds: boolean
  /** Written by this process itself, whose capabilities do for it. */
  readonly direct?: boolean
}

export interface Identity {
  readonly uid: number
  readonly gid: number
  /** As in /etc/passwd; absent for a user without a name. */
  readonly name?: string
}

/** As many as there are where no user namespace is around. */
export const ALL_IDS = 4_294_967_295

/** The fewest ids that images are made for: 65534 is nobody. */
const ENOUGH = 65_535

/** The caller as root, and nobody else. */
export function singleIdMaps({ uid, gid }: Identity): IdMaps {
  return { uids: `0 ${uid} 1`, gids: `0 ${gid} 1`, manyIds: false }
}

/** CAP_SETGID and CAP_SETUID, and CAP_SETFCAP to map root. */
const MAPPING = (1n << 6n) | (1n << 7n) | (1n << 31n)

/**
 * Every id that there is as itself, for a root that may not mount but may make user namespaces: in those it may.
 * Undefined for others.
 */
export function ownIdMaps({ uid }: Identity): IdMaps | undefined {
  if (uid !== 0 || (ownCapabilities('Eff') & MAPPING) !== MAPPING) return undefined
  const own = (kind: 'uid' | 'gid') => ownIds(kind).map(({ first, count }) => `${first} ${first} ${count}`)
  return { uids: own('uid').join('\n'), gids: own('gid').join('\n'), manyIds: true, direct: true }
}

/**
 * The caller as root and its subordinate ids from 1 on, as podman and others map them.
 * @returns a sentence instead when there are too few of them
 */
export function subordinateMaps(
  identity: Identity,
  files: { subuid: string; subgid: string },
): IdMaps | string {
  const uids = parseRanges(files.subuid, identity)
  const gids = parseRanges(files.subgid, identity)
  for (const [path, ranges] of [
    ['/etc/subuid', uids],
    ['/etc/subgid', gids],
  ] as const) {
    const count = ranges.reduce((sum, range) => sum + range.count, 0)
    if (count < ENOUGH)
      return `${path} gives ${identity.name ?? identity.uid} ${count} ids, and images need ${ENOUGH}`
  }
  return { uids: map(identity.uid, uids), gids: map(identity.gid, gids), manyIds: true }
}

export function readSubordinateFiles(): { subuid: string; subgid: string } {
  return { subuid: readOrEmpty('/etc/subuid'), subgid: readOrEmpty('/etc/subgid') }
}

/** The operation that makes a namespace with these maps. */
export function userNamespace(maps: IdMaps, tools: { newuidmap?: string; newgidmap?: string }): Operation {
  if (!maps.manyIds) return ['user', maps.uids, maps.gids, '', '']
  if (maps.direct === true) return ['user', maps.uids, maps.gids, 'direct', '']
  return ['user', maps.uids, maps.gids, tools.newuidmap ?? '', tools.newgidmap ?? '']
}

/** For people: which ids these are. */
export function nameOf({ manyIds, direct }: IdMaps): string {
  if (direct === true) return 'all ids of root'
  return manyIds ? 'subordinate ids' : 'one id'
}

/** How many ids there are, of users and of groups: in a namespace with these maps, or in our own. */
export function idsOf(maps: IdMaps | undefined): number {
  if (maps === undefined) return Math.min(countIds('uid'), countIds('gid'))
  return Math.min(...[maps.uids, maps.gids].map(countOf))
}

function countOf(lines: string): number {
  return lines.split('\n').reduce((sum, line) => sum + Number(line.split(' ')[2]), 0)
}

interface IdRange {
  readonly start: number
  readonly count: number
}

/** subuid(5): `name:start:count`, or with the uid for a name; several lines of one user add up. */
function parseRanges(text: string, { uid, name }: Identity): IdRange[] {
  return text.split('\n').flatMap((line) => {
    const [owner, start, count] = line.trim().split(':')
    if (owner === undefined || (owner !== name && owner !== String(uid))) return []
    if (!/^\d+$/.test(start ?? '') || !/^\d+$/.test(count ?? '')) return []
    return [{ start: Number(start), count: Number(count) }]
  })
}

function map(own: number, ranges: readonly IdRange[]): string {
  const lines = [`0 ${own} 1`]
  let next = 1
  for (const { start, count } of ranges) {
    lines.push(`${next} ${start} ${count}`)
    next += count
  }
  return lines.join('\n')
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return ''
    throw error
  }
}
