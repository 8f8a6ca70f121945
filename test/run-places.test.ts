import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { asUser, buildAt, likeDocker, PLACE_UID, type Place, type PlaceRun } from './places.js'
import { canMount, hasTool } from './rival-tools.js'
import { workspace } from './workspace.js'

const space = workspace('run-places')
const busybox = baseLayout('busybox', space)
const isRoot = process.getuid?.() === 0

/** What every place can do: no owner but root, no mount, no device. */
const PLAIN = `FROM busybox
RUN mkdir -p /d/e && echo one > /d/a && ln /d/a /d/b && ln -s a /d/c && chmod 4711 /d/a && mkfifo /d/p
RUN rm /etc/group && echo more >> /etc/passwd && mv /d/e /d/f && chmod 700 /var
RUN rm -rf /d/f /home && mkdir /home && touch /home/new && cat /d/c > /seen && cp -a /d /d2
WORKDIR /w/x
RUN pwd > y; id -u > z; cat /seen > w
`
/** What may be a mount or a directory in the place of one. */
const MOUNTS = `FROM busybox
RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/etc --mount=target=/ctx touch /c/x /etc/y && cp /ctx/Dockerfile /copied
RUN --mount=type=cache,target=/c test -e /c/x && ls /c /etc > /listed && test ! -e /etc/y
RUN --mount=type=cache,target=/c/d/e,uid=5,gid=6,mode=0750 --mount=target=/ctx,rw touch /ctx/new /c/d/e/f && stat -c %u:%g:%a /c/d/e > /owner
RUN --mount=type=cache,target=/c/d/e,uid=5,gid=6,mode=0750 test -e /c/d/e/f
RUN --mount=target=/etc/passwd,source=Dockerfile grep FROM /etc/passwd > /one && echo x > /dev/shm/x
RUN --mount=type=secret,id=s,env=WORD test "$WORD" = canary && grep root /etc/passwd > /restored
COPY Dockerfile /dev/own
RUN echo x > /dev/stderr; mkdir -p /dev/made/deep && echo y > /dev/made/deep/f; echo z > /dev/null; test -c /dev/zero && touch /seen
RUN rm -f /dev/own /dev/null; ls /dev/made > /gone 2>/dev/null; ls -ld /dev | cut -c1-10 > /mode
`
/** What needs more ids than one, and mounts. */
const RICH = `${PLAIN}RUN chown -R 5:6 /d; touch /o && chown 1000:50000 /o
RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=target=/ctx touch /c/x /t/y && cp /ctx/Dockerfile /copied
RUN --mount=type=cache,target=/c,uid=5,gid=6,mode=0550 stat -c %u:%g:%a /c > /cache
RUN --mount=target=/ctx,rw --network=none touch /ctx/new && ls /sys/class/net | grep -c lo > /net
USER 1000:50000
RUN --mount=type=secret,id=s,uid=1000 grep -c canary /run/secrets/s > /tmp/s; id > /tmp/id; touch /tmp/f
`

function run(name: string, dockerfile: string, place: Place = {}): PlaceRun {
  space.folder(`${name}.context`, { Dockerfile: dockerfile })
  space.folder('.', { 'secret.txt': 'canary' })
  const args = [
    ...['-q', '--build-context', `busybox=oci-layout://${busybox}`],
    ...['--build-arg', 'SOURCE_DATE_EPOCH=1700000000', '--secret', `id=s,src=${space.path('secret.txt')}`],
    space.path(`${name}.context`),
  ]
  return buildAt(space, name, { place, args })
}

/** The image that a place makes. */
function image(name: string, dockerfile: string, place: Place = {}): string {
  const { status, stdout, stderr, left } = run(name, dockerfile, place)
  expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
  expect(left).toEqual([])
  return stdout.trim()
}

/** The words of a refusal that came before a layer was fetched and a step begun. */
function refusal(name: string, dockerfile: string, place: Place): string {
  const { status, stderr, left, home } = run(
    name,
    `FROM busybox\nRUN echo an earlier step\n${dockerfile}`,
    place,
  )
  expect(status).toBe(4)
  expect(left).toEqual([])
  const store = join(home, '.local/share/cooperage')
  // Documents of the base image, and no layer of it.
  const blobs = join(store, 'blobs')
  const names = existsSync(blobs) ? readdirSync(blobs, { recursive: true, encoding: 'utf8' }) : []
  for (const name of names) expect(statSync(join(blobs, name)).size).toBeLessThan(8192)
  // No step has had a file system.
  const trees = join(store, 'trees')
  expect(existsSync(trees) ? readdirSync(trees) : []).toEqual([])
  expect(stderr).toMatch(/^ {2}hint: ./m)
  return stderr
}

const all = (ids: Record<string, string>) =>
  expect(ids).toEqual(Object.fromEntries(Object.keys(ids).map((name) => [name, Object.values(ids)[0]])))

describe.skipIf(busybox === undefined || !isRoot || !canMount())('the same image is made', () => {
  it('by every executor, by root and by a user with subordinate ids', () => {
    const ids: Record<string, string> = { root: image('root', RICH) }
    for (const isolation of ['oci-root', 'unshare-root', 'unshare-userns'])
      ids[isolation] = image(isolation, RICH, { args: ['--isolation', isolation] })
    if (hasTool('newuidmap')) {
      const user = asUser(space, 'cooperuser:700000:65536\n')
      ids.user = image('user', RICH, user)
      ids['user, unshare'] = image('user-unshare', RICH, { ...user, args: ['--isolation', 'unshare-userns'] })
    }
    all(ids)
  }, 180_000)

  it('by a user with one id, and in a container without rights', () => {
    const ids: Record<string, string> = { root: image('plain-root', PLAIN) }
    ids.user = image('plain-user', PLAIN, asUser(space, ''))
    const docker = likeDocker()
    if (docker !== undefined) ids.docker = image('docker', PLAIN, docker)
    all(ids)
  }, 180_000)

  it('in a container that may make user namespaces and nothing else: root keeps all of its ids', (context) => {
    const docker = likeDocker('--no-seccomp')
    if (docker === undefined) return context.skip()
    all({ root: image('rich-root', RICH), docker: image('rich-docker', RICH, docker) })
  }, 180_000)

  it('where directories are put in the place of mounts', (context) => {
    const docker = likeDocker()
    if (docker === undefined) return context.skip()
    all({ root: image('mounts-root', MOUNTS), docker: image('mounts-docker', MOUNTS, docker) })
  }, 180_000)

  it('where a step removes, moves or replaces what was put in place', (context) => {
    const docker = likeDocker()
    if (docker === undefined) return context.skip()
    const hostile = `FROM busybox
RUN --mount=type=cache,target=/c/d touch /c/d/f && mv /c /moved && ln -s /etc /c
RUN --mount=type=cache,target=/c/d test -e /c/d/f || test -d /c/d
RUN rm -f /etc/hosts && mkdir /etc/hosts; /bin/busybox rm -rf /* 2>/dev/null; true
`
    expect(run('hostile-docker', hostile, docker)).toMatchObject({ status: 0, left: [] })
  }, 180_000)
})

describe.skipIf(busybox === undefined || !isRoot || !canMount())(
  'what a place cannot do is said by name',
  () => {
    it('before anything is fetched or run, as far as the Dockerfile tells', () => {
      const user = asUser(space, '')
      expect(refusal('no-user', 'USER 5\nRUN true\n', user)).toMatch(
        /error\[E_SANDBOX\].*this user has no subordinate ids[\s\S]*usermod/,
      )
      for (const isolation of ['oci-userns', 'unshare-userns']) {
        const limited = (...args: string[]): Place => ({
          ...user,
          args: [`--isolation=${isolation}`, ...args],
        })
        expect(refusal(`no-memory-${isolation}`, 'RUN true\n', limited('-m', '64m'))).toMatch(
          /error\[E_SANDBOX\]: cannot limit the container's memory[\s\S]*hint: build without limits/,
        )
        expect(refusal(`no-ulimit-${isolation}`, 'RUN true\n', limited('--ulimit=memlock=-1'))).toMatch(
          /error\[E_SANDBOX\]: --ulimit memlock=-1 cannot be had: the hard limit here is \d+/,
        )
      }
      expect(refusal('no-quota', 'RUN true\n', { args: ['--cpu-quota=1'] })).toMatch(
        /error\[E_SANDBOX\]: the limit cpu-quota cannot be 1\n {2}hint: give --cpu-quota a value from 1000 /,
      )
      const many = asUser(space, `${PLACE_UID}:100000:65536\n`)
      for (const mount of hasTool('newuidmap') ? ['secret,id=s', 'cache,target=/c'] : []) {
        expect(refusal('no-owner', `RUN --mount=type=${mount},gid=200000 true\n`, many)).toMatch(
          /error\[E_SANDBOX\].*the user or group 200000: this user has ids up to 65536\n[\s\S]*hint: .*usermod/,
        )
      }
      const docker = likeDocker()
      if (docker === undefined) return
      const insecure = { ...docker, args: ['--allow', 'security.insecure'] }
      expect(refusal('no-rights', 'RUN --security=insecure true\n', insecure)).toMatch(
        /error\[E_SANDBOX\]: the executor chroot cannot run a step with --security=insecure.*CAP_SYS_ADMIN/,
      )
      expect(refusal('no-secret', 'RUN --mount=type=secret,id=s true\n', docker)).toMatch(
        /error\[E_MOUNT_UNSERVED\]: the executor chroot cannot make the mount of type secret[\s\S]*env=NAME/,
      )
      expect(refusal('no-size', 'RUN --mount=type=tmpfs,target=/t,size=1m true\n', docker)).toMatch(
        /error\[E_MOUNT_UNSERVED\].*type tmpfs[\s\S]*size=/,
      )
      expect(refusal('no-net', 'RUN --network=none true\n', docker)).toMatch(
        /error\[E_SANDBOX\].*take the network away/,
      )
    }, 180_000)

    it('before even a base image is looked for, where nothing can run', () => {
      const user = likeDocker('--user', String(PLACE_UID))
      const bare = likeDocker('--drop-all')
      if (user === undefined || bare === undefined) return
      const nothing = (name: string, place: Place) => run(name, 'FROM nosuchimage\nRUN true\n', place).stderr
      const words = nothing('nothing', user)
      expect(words).toMatch(/^error\[E_NO_EXECUTOR\]: .*line 2: RUN true/m)
      expect(words).not.toContain('\\n')
      expect(words.match(/unshare a user namespace \(EPERM\)/g)).toHaveLength(1)
      expect(words).toMatch(/hint: run cooper as root; or .*seccomp=unconfined/)
      expect(words).not.toMatch(/hint: .*add-subuids/)
      expect(nothing('bare', bare)).toMatch(/^error\[E_NO_EXECUTOR\][\s\S]*hint: .*no --cap-drop/m)
    }, 180_000)

    it('but for what a step is not given, or what its one id can have instead', () => {
      const optional =
        'FROM busybox\nRUN --mount=type=secret,id=none,uid=200000 test ! -e /run/secrets/none\n'
      const docker = likeDocker()
      if (docker !== undefined) image('no-such-secret', optional, docker)
      image('no-such-owner', optional, asUser(space, `${PLACE_UID}:100000:65536\n`))
      const owned = 'RUN --mount=type=secret,id=s,uid=1000,gid=1000 test "$(cat /run/secrets/s)" = canary\n'
      image('one-owner', `FROM busybox\n${owned}`, asUser(space, ''))
    }, 180_000)

    it('when files come to lie on the disk, with what their owners would need', (context) => {
      if (!hasTool('newuidmap')) return context.skip()
      const { stderr, status } = run(
        'too-high',
        'FROM busybox\nCOPY --chown=200000 Dockerfile /\nRUN true\n',
        asUser(space, `${PLACE_UID}:100000:65536\n`),
      )
      expect(status).toBe(4)
      expect(stderr).toMatch(/error\[E_TOOL\].*ownership[\s\S]*hint: .*usermod --add-subuids/)
    }, 180_000)

    it('in one short warning, where it matters to every step', () => {
      const warnings = (name: string, place: Place): readonly string[] | null => {
        const loud = { ...place, args: ['--quiet=false'] }
        return run(name, 'FROM busybox\nRUN true\n', loud).stderr.match(/^WARN: .*$/gm)
      }
      expect(warnings('one-owner-warning', asUser(space, ''))).toEqual([
        expect.stringMatching(/^WARN: OneOwner: steps run with \S+ and one id: .{1,100}$/),
      ])
      const docker = likeDocker()
      if (docker === undefined) return
      expect(warnings('chroot-warning', docker)).toEqual([
        expect.stringMatching(/^WARN: NotIsolated: steps run with chroot, which isolates nothing: .{1,100}$/),
      ])
    }, 180_000)

    it('when a program finds out, with what others would need', () => {
      const { stderr, status } = run(
        'one-id',
        'FROM busybox\nRUN touch /a && chown 5 /a\n',
        asUser(space, 'somebody:100000:65536\n'),
      )
      expect(status).toBe(1)
      expect(stderr).toMatch(/hint: .*usermod --add-subuids 165536-231071 --add-subgids 165536-231071 /)
    }, 180_000)
  },
)
