import type { BigIntStats } from 'node:fs'
import type { FileNode, HostStat, Metadata } from '@cooperage/store'

/** What identifies the content of a file at this moment. */
export function hostStatOf(stats: BigIntStats): HostStat {
  return {
    dev: Number(stats.dev),
    ino: Number(stats.ino),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
  }
}

/** True when these are still the size, the times and the inode that were seen when the context was walked. */
export function isUnchanged(stats: BigIntStats, file: FileNode, seen: HostStat): boolean {
  return (
    stats.mtimeNs === seen.mtimeNs &&
    stats.ctimeNs === seen.ctimeNs &&
    Number(stats.size) === file.size &&
    Number(stats.ino) === seen.ino &&
    Number(stats.dev) === seen.dev
  )
}

const SECOND = 1_000_000_000n

/** Attributes as a context has them: owned by root, whoever owns the files here. */
export function contextMetadata(stats: BigIntStats): Metadata {
  return { mode: Number(stats.mode) & 0o7777, uid: 0, gid: 0, mtime: toSeconds(stats.mtimeNs) }
}

/** Seconds with a fraction, whose whole part is never rounded up: layers keep that part alone. */
function toSeconds(nanoseconds: bigint): number {
  const rest = ((nanoseconds % SECOND) + SECOND) % SECOND
  const whole = Number((nanoseconds - rest) / SECOND)
  const seconds = whole + Number(rest) / 1e9
  return seconds < whole + 1 ? seconds : whole + 1 - 2 ** -20
}
