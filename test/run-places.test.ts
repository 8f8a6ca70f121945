import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { canMount, hasTool } from './rival-tools.js'
import { sharedPath } from './shared.js'
import { workspace } from './workspace.js'

const space = workspace('run-places')
const busybox = baseLayout('busybox', space)
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const likeDocker = sharedPath('tools/like-docker-default')
const isRoot = process.getuid?.() === 0
/** A user that nothing on this machine belongs to. */
const UID = 46_123

/** What every place can do: no owner but root, no mount, no device. */
const PLAIN = `FROM busybox
RUN mkdir -p /d/e && echo one > /d/a && ln /d/a /d/b && ln -s a /d/c && chmod 4711 /d/a && mkfifo /d/p
RUN rm /etc/group && echo more >> /etc/passwd && mv /d/e /d/f && chmod 700 /var
RUN rm -rf /d/f /home && mkdir /home && touch /home/new && cat /d/c > /seen && cp -a /d /d2
WORKDIR /w/x
RUN pwd > y; id -u > z; cat /seen > w
`
/** What needs more ids than one, and mounts. */
const RICH = `${PLAIN}RUN chown -R 5:6 /d; touch /o && chown 1000:50000 /o
RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=target=/ctx touch /c/x /t/y && cp /ctx/Dockerfile /copied
RUN --mount=target=/ctx,rw --network=none touch /ctx/new && ls /sys/class/net | grep -c lo > /net
USER 1000:50000
RUN id > /tmp/id; touch /tmp/f
`

interface Place {
  readonly args?: readonly string[]
  /** Comes before the command. */
  readonly command?: readonly string[]
}

/** The image that a place makes, in a store of its own. */
function image(name: string, dockerfile: string, place: Place = {}): string {
  const home = space.path(name)
  mkdirSync(join(home, 'context'), { recursive: true })
  chmodSync(space.root, 0o755)
  writeFileSync(join(home, 'context/Dockerfile'), dockerfile)
  chmodSync(join(home, 'context/Dockerfile'), 0o644)
  chownSync(home, UID, UID)
  if (place.command?.[0] === 'unshare')
    for (const below of ['', 'context']) chownSync(join(home, below), UID, UID)
  else chownSync(home, 0, 0)
  const line = [
    ...(place.command ?? []),
    process.execPath,
    COOPER,
    ...[
      'build',
      '-q',
      '--build-context',
      `busybox=oci-layout://${busybox}`,
      '--build-arg',
      'SOURCE_DATE_EPOCH=1700000000',
    ],
    ...(place.args ?? []),
    join(home, 'context'),
  ]
  const env = { PATH: process.env.PATH, HOME: home }
  const { stdout, stderr, status } = spawnSync(line[0]!, line.slice(1), { cwd: home, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name}: ${stderr}`)
  const left = readdirSync(join(home, '.local/share/cooperage/trees')).filter((one) => one.startsWith('tmp.'))
  expect(left).toEqual([])
  return stdout.trim()
}

/** As another user, with these lines in /etc/subuid and /etc/subgid of nobody else's machine. */
function asUser(subordinate: string): Place {
  const file = (name: string, text: string) => {
    writeFileSync(space.path(name), text)
    chmodSync(space.path(name), 0o644)
    return space.path(name)
  }
  const passwd = `${readFileSync('/etc/passwd', 'utf8')}cooperuser:x:${UID}:${UID}::/:/bin/sh\n`
  const script = [
    `mount --bind ${file('passwd', passwd)} /etc/passwd`,
    `mount --bind ${file('subids', subordinate)} /etc/subuid`,
    `mount --bind ${space.path('subids')} /etc/subgid`,
    `exec setpriv --reuid ${UID} --regid ${UID} --clear-groups --inh-caps=-all "$@"`,
  ].join(' && ')
  return { command: ['unshare', '-m', 'sh', '-c', script, 'sh'] }
}

describe.skipIf(busybox === undefined || !isRoot || !canMount())('the same image is made', () => {
  it('by every executor, by root and by a user with subordinate ids', () => {
    const ids: Record<string, string> = { root: image('root', RICH) }
    for (const isolation of ['oci-root', 'unshare-root'])
      ids[isolation] = image(isolation, RICH, { args: ['--isolation', isolation] })
    if (hasTool('newuidmap')) {
      const user = asUser('cooperuser:700000:65536\n')
      ids.user = image('user', RICH, user)
      ids['user, unshare'] = image('user-unshare', RICH, { ...user, args: ['--isolation', 'unshare-userns'] })
    }
    expect(ids).toEqual(Object.fromEntries(Object.keys(ids).map((name) => [name, ids.root])))
  }, 180_000)

  it('by a user with one id, and in a container without rights', () => {
    const ids: Record<string, string> = { root: image('plain-root', PLAIN) }
    ids.user = image('plain-user', PLAIN, asUser(''))
    if (likeDocker !== undefined) {
      ids.docker = image('docker', PLAIN, { command: [likeDocker, '--'], args: ['--isolation', 'chroot'] })
    }
    expect(ids).toEqual(Object.fromEntries(Object.keys(ids).map((name) => [name, ids.root])))
  }, 180_000)

  it('and what a place cannot do is said by name', () => {
    const user = asUser('')
    expect(() => image('no-user', 'FROM busybox\nUSER 5\nRUN true\n', user)).toThrow(
      /error\[E_SANDBOX\].*this user has no subordinate ids/,
    )
    if (likeDocker === undefined) return
    const docker: Place = { command: [likeDocker, '--'], args: ['--isolation', 'chroot'] }
    expect(() => image('no-mount', 'FROM busybox\nRUN --mount=type=cache,target=/c true\n', docker)).toThrow(
      /error\[E_MOUNT_UNSERVED\].*type cache/,
    )
    expect(() => image('no-net', 'FROM busybox\nRUN --network=none true\n', docker)).toThrow(
      /error\[E_SANDBOX\]/,
    )
    const none: Place = { command: [likeDocker, '--drop-all', '--user', String(UID), '--'] }
    expect(() => image('nothing', 'FROM nosuchimage\nRUN true\n', none)).toThrow(
      /error\[E_(?:NO_EXECUTOR|STORE)/,
    )
  }, 180_000)
})
