import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sharedPath } from './shared.js'
import type { Workspace } from './workspace.js'

const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
/** A user that nothing on this machine belongs to. */
export const PLACE_UID = 46_123

/** Where the command is run, and with what rights. */
export interface Place {
  readonly args?: readonly string[]
  /** Comes before the command. */
  readonly command?: readonly string[]
  /** Its files belong to PLACE_UID. */
  readonly isUser?: boolean
}

export interface PlaceRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** What the run has left in the store's folder of scratches and in TMPDIR. */
  readonly left: readonly string[]
  /** Of the files below the folder `home`. */
  readonly home: string
}

/** Runs `cooper build` at a place, with a home, and so a store, of its own for each name. */
export function buildAt(
  space: Workspace,
  name: string,
  options: { readonly place: Place; readonly args: readonly string[] },
): PlaceRun {
  const { place, args } = options
  const home = space.path(name)
  mkdirSync(join(home, 'tmp'), { recursive: true })
  chmodSync(space.root, 0o755)
  const owner = place.isUser === true ? PLACE_UID : 0
  for (const below of ['', 'tmp']) chownSync(join(home, below), owner, owner)
  const line = [...(place.command ?? []), process.execPath, COOPER, 'build', ...args, ...(place.args ?? [])]
  const env = { PATH: process.env.PATH, HOME: home, TMPDIR: join(home, 'tmp') }
  const spawned = { cwd: home, env, encoding: 'utf8', maxBuffer: 1 << 28 } as const
  const { stdout, stderr, status } = spawnSync(line[0]!, line.slice(1), spawned)
  const scratches = namesIn(join(home, '.local/share/cooperage/trees')).filter((one) =>
    one.startsWith('tmp.'),
  )
  return { status, stdout, stderr, left: [...scratches, ...namesIn(join(home, 'tmp'))], home }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

let copies = 0

/**
 * As another user, with these lines in /etc/subuid and /etc/subgid. All of /etc is a copy, since whoever adds a user to
 * the machine meanwhile puts new files in the place of the old ones, and a mount on one of them goes with it.
 */
export function asUser(space: Workspace, subordinate: string): Place {
  const etc = space.path(`etc-${copies++}`)
  cpSync('/etc', etc, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !/shadow|ssl|cron/.test(path),
  })
  const passwd = `${readFileSync('/etc/passwd', 'utf8')}cooperuser:x:${PLACE_UID}:${PLACE_UID}::/:/bin/sh\n`
  for (const [file, text] of Object.entries({ passwd, subuid: subordinate, subgid: subordinate })) {
    writeFileSync(join(etc, file), text)
    chmodSync(join(etc, file), 0o644)
  }
  chmodSync(etc, 0o755)
  const script = `mount --bind ${etc} /etc && exec setpriv --reuid ${PLACE_UID} --regid ${PLACE_UID} --clear-groups --inh-caps=-all "$@"`
  return { command: ['unshare', '-m', 'sh', '-c', script, 'sh'], isUser: true }
}

/** With the privileges of a default container of Docker, or of one started otherwise; undefined (and a printed line) where that cannot be. */
export function likeDocker(...options: string[]): Place | undefined {
  const tool = sharedPath('tools/like-docker-default')
  const isUser = options.includes('--user')
  return tool === undefined ? undefined : { command: [tool, ...options, '--'], isUser }
}
