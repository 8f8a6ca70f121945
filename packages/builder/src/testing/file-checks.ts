import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isCooperageError } from '@cooperage/store'
import type { ContainerMount } from '../run/sandbox/container.js'
import { descendantsOf } from '../run/sandbox/processes.js'
import type { BenchResult } from './executor-bench.js'
import { type ExecutorChecks, NO_ISOLATION, NotPromised, ONE_ID } from './executor-check.js'
import { rejectsWith } from './rejects-with.js'

const SECRET = { kind: 'file', content: Buffer.from('s3cret\0\n'), uid: 0, gid: 0, readOnly: true } as const

/** Where the files of a container come from, where changes go, and what is mounted. */
export const FILE_CHECKS: ExecutorChecks = {
  'what is written and removed is in the upper directory, or in the directory itself': async (bench) => {
    const rootfs = await bench.rootfs()
    await bench.run(
      'echo new >/srv/new; rm /etc/group; mkdir -p /a/b; ln -s target /a/link; chmod 640 /etc/passwd',
      { rootfs },
    )
    const top = rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path
    assert.equal(await readFile(join(top, 'srv/new'), 'utf8'), 'new\n')
    assert.ok((await lstat(join(top, 'a/link'))).isSymbolicLink())
    assert.equal((await lstat(join(top, 'etc/passwd'))).mode & 0o7777, 0o640)
    const group = await lstat(join(top, 'etc/group')).catch(() => undefined)
    if (rootfs.kind === 'directory') assert.equal(group, undefined)
    else assert.ok(group?.isCharacterDevice() && group.rdev === 0, 'a whiteout')
    assert.ok((await readdir(join(bench.image, 'etc'))).includes('group'), 'the image is as it was')
  },
  'layers lie above one another, a hundred of them': async (bench) => {
    if (bench.executor.files.overlay === 'none') throw new NotPromised('there are no overlays')
    const lowers: string[] = []
    for (let n = 0; n < 100; n++) {
      const layer = await bench.folder('layer,with:odd "names\\')
      await writeFile(join(layer, `file${n}`), '')
      await writeFile(join(layer, 'all'), String(n))
      lowers.push(layer)
    }
    const rootfs = await bench.rootfs()
    assert.ok(rootfs.kind === 'overlay')
    const { stdout } = await bench.run('cat /all; ls / | grep -c file', {
      rootfs: { ...rootfs, lowers: [...lowers, bench.image] },
    })
    assert.equal(stdout, '0100\n')
  },
  'files have the owners that a process gives them': async (bench) => {
    if (!bench.manyIds) throw new NotPromised(ONE_ID)
    const rootfs = await bench.rootfs()
    const { stdout } = await bench.run('touch /srv/x; chown 1000:65534 /srv/x; stat -c %u:%g /srv/x', {
      rootfs,
    })
    assert.equal(stdout, '1000:65534\n')
  },
  'a mounted file has its content, mode and owner, and is on no disk': async (bench) => {
    const folder = await bench.folder('scratch')
    const target = '/run/secrets/token'
    const mounts: ContainerMount[] = [{ ...SECRET, target, mode: 0o400 }]
    if (!bench.isolates) {
      await rejectsWith('E_SANDBOX', () => bench.run('true', { mounts }))
      throw new NotPromised(NO_ISOLATION)
    }
    const script = `stat -c %a:%u:%g ${target}; stat -f -c %T ${target}; cat ${target}; echo x >>${target} || echo kept; sleep 0.2`
    const running = bench.run(script, { mounts, scratch: folder })
    for (let n = 0; n < 10; n++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      assert.deepEqual(await filesWith('s3cret', bench.directory), [])
      assert.deepEqual(commandLinesWith('s3cret'), [])
    }
    const { stdout } = await running
    assert.equal(stdout, '400:0:0\ntmpfs\ns3cret\0\nkept\n')
    assert.deepEqual(await filesWith('s3cret', bench.directory), [])
  },
  'a mounted file may belong to another user and be written to': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    if (!bench.manyIds) throw new NotPromised(ONE_ID)
    const mount: ContainerMount = {
      ...SECRET,
      target: '/srv/x',
      mode: 0o640,
      uid: 1000,
      gid: 5,
      readOnly: false,
    }
    const { stdout } = await bench.run('stat -c %a:%u:%g /srv/x; echo more >/srv/x; cat /srv/x', {
      mounts: [mount],
    })
    assert.equal(stdout, '640:1000:5\nmore\n')
  },
  'a public file is there for the time of the run': async (bench) => {
    const rootfs = await bench.rootfs()
    const top = rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path
    const before = await lstat(join(bench.image, 'etc'))
    const shared = { kind: 'file', mode: 0o644, uid: 0, gid: 0, readOnly: true, public: true } as const
    const mounts: ContainerMount[] = [
      { ...shared, target: '/etc/passwd', content: Buffer.from('other\n') },
      { ...shared, target: '/etc/resolv.conf', content: Buffer.from('nameserver\n') },
    ]
    const { stdout } = await bench.run('cat /etc/passwd /etc/resolv.conf; rm -f /etc/resolv.conf', {
      mounts,
      rootfs,
    })
    assert.equal(stdout, 'other\nnameserver\n')
    if (bench.isolates) return
    assert.match(await readFile(join(top, 'etc/passwd'), 'utf8'), /^root:x:0:0/)
    assert.deepEqual(await readdir(join(top, 'etc')), ['group', 'passwd'])
    assert.equal((await lstat(join(top, 'etc'))).mtimeMs, before.mtimeMs)
    assert.equal(
      (await lstat(join(top, 'etc/passwd'))).mtimeMs,
      (await lstat(join(bench.image, 'etc/passwd'))).mtimeMs,
    )
  },
  'a directory is bound read-only or to be written to': async (bench) => {
    const [readable, writable] = [await bench.folder('bind'), await bench.folder('bind')]
    await writeFile(join(readable, 'file'), 'content')
    const mounts: ContainerMount[] = [
      { kind: 'bind', source: readable, target: '/new/place', readOnly: true },
      { kind: 'bind', source: writable, target: '/srv', readOnly: false },
    ]
    if (!bench.isolates) {
      await rejectsWith('E_SANDBOX', () => bench.run('true', { mounts }))
      throw new NotPromised(NO_ISOLATION)
    }
    const { stdout } = await bench.run(
      'cat /new/place/file; touch /new/place/x 2>/dev/null || echo " kept"; echo y >/srv/y',
      { mounts },
    )
    assert.equal(stdout, 'content kept\n')
    assert.equal(await readFile(join(writable, 'y'), 'utf8'), 'y\n')
    assert.deepEqual(await readdir(readable), ['file'])
  },
  'a file is bound to a file, which is made when it is missing': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const source = join(await bench.folder('bind'), 'file')
    await writeFile(source, 'bound')
    const mounts: ContainerMount[] = ['/etc/passwd', '/x/y/z'].map((target) => ({
      kind: 'bind',
      source,
      target,
      readOnly: true,
    }))
    assert.equal((await bench.run('cat /etc/passwd /x/y/z', { mounts })).stdout, 'boundbound')
  },
  'the source of a bind is not followed when it is a link': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const folder = await bench.folder('bind')
    await symlink('/etc', join(folder, 'link'))
    const mounts: ContainerMount[] = [
      { kind: 'bind', source: join(folder, 'link'), target: '/srv', readOnly: true },
    ]
    await rejectsWith('E_SANDBOX', () => bench.run('ls /srv', { mounts }))
  },
  'a mount whose target leads outside by a link stays inside': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const outside = await bench.folder('outside')
    const rootfs = await bench.rootfs(async (image) => {
      await symlink(outside, join(image, 'absolute'))
      await symlink(`../../../../../../../../..${outside}`, join(image, 'relative'))
      await symlink('../run/none.conf', join(image, 'etc/resolv.conf'))
      await symlink('/proc/self/fd/5', join(image, 'magic'))
    })
    const file = { ...SECRET, content: Buffer.from('here\n'), mode: 0o444 }
    for (const target of ['/absolute/a', '/relative/b', '/etc/resolv.conf', '/magic/c']) {
      const fresh =
        rootfs.kind === 'overlay'
          ? { ...rootfs, upper: await bench.folder('upper'), work: await bench.folder('work') }
          : rootfs
      const result = await bench
        .run(`cat ${target}`, { rootfs: fresh, mounts: [{ ...file, target }] })
        .catch((error: unknown) => error)
      // A runtime may find another place for it that is inside.
      const { stdout, exitCode } =
        result instanceof Error ? { stdout: '', exitCode: 1 } : (result as BenchResult)
      assert.equal(stdout, exitCode === 0 ? 'here\n' : '', target)
      assert.deepEqual(await readdir(outside), [], target)
    }
  },
  'a mounted tmpfs has its size and mode, and nobody keeps what is in it': async (bench) => {
    const mounts: ContainerMount[] = [{ kind: 'tmpfs', target: '/scratch', size: 1 << 20, mode: 0o700 }]
    if (!bench.isolates) {
      await rejectsWith('E_SANDBOX', () => bench.run('true', { mounts }))
      throw new NotPromised(NO_ISOLATION)
    }
    const rootfs = await bench.rootfs()
    const script =
      'stat -c %a /scratch; stat -f -c %T /scratch; dd if=/dev/zero of=/scratch/x bs=1M count=2 2>/dev/null || echo full'
    assert.equal((await bench.run(script, { mounts, rootfs })).stdout, '700\ntmpfs\nfull\n')
    if (rootfs.kind === 'overlay') assert.ok(!(await readdir(join(rootfs.upper, 'scratch'))).includes('x'))
  },
  'a mounted overlay may be written to, and what lies below stays': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    if (bench.executor.files.overlay === 'none') throw new NotPromised('there are no overlays')
    const [lower, upper, work] = [
      await bench.folder('lower'),
      await bench.folder('upper'),
      await bench.folder('work'),
    ]
    await writeFile(join(lower, 'file'), 'below')
    const mounts: ContainerMount[] = [{ kind: 'overlay', lowers: [lower], upper, work, target: '/srv' }]
    const { stdout } = await bench.run('cat /srv/file; echo above >/srv/file; cat /srv/file; rm /srv/file', {
      mounts,
    })
    assert.equal(stdout, 'belowabove\n')
    assert.equal(await readFile(join(lower, 'file'), 'utf8'), 'below')
  },
  'mounts are made in order, one in the other': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const outer = await bench.folder('bind')
    await mkdir(join(outer, 'in'))
    const mounts: ContainerMount[] = [
      { kind: 'bind', source: outer, target: '/srv', readOnly: false },
      { kind: 'tmpfs', target: '/srv/in' },
      { ...SECRET, target: '/srv/in/file', mode: 0o444 },
    ]
    const { stdout } = await bench.run('stat -f -c %T /srv/in; cat /srv/in/file; touch /srv/in/other', {
      mounts,
    })
    assert.equal(stdout, 'tmpfs\ns3cret\0\n')
    assert.deepEqual(await readdir(join(outer, 'in')), [])
  },
  'an image whose /dev, /proc or /sys is a link is refused, and nothing outside is touched': async (
    bench,
  ) => {
    for (const name of ['dev', 'proc', 'sys']) {
      const outside = await bench.folder('outside')
      const rootfs = await bench.rootfs((image) => symlink(outside, join(image, name)))
      await rejectsWith('E_SANDBOX', () => bench.run('true', { rootfs }))
      assert.deepEqual(await readdir(outside), [])
    }
  },
  'an image whose files of users are pipes keeps nobody waiting': async (bench) => {
    const rootfs = await bench.rootfs(async (image) => {
      await rm(join(image, 'etc/passwd'))
      await promisify(execFile)('mkfifo', [join(image, 'etc/passwd')])
    })
    const result = await bench.run('echo ran', { rootfs }).catch((error: unknown) => error)
    if (!isCooperageError(result)) assert.deepEqual((result as BenchResult).stdout, 'ran\n')
  },
  'the work directory of an overlay is empty again': async (bench) => {
    const rootfs = await bench.rootfs()
    await bench.run('touch /x', { rootfs })
    if (rootfs.kind === 'overlay') assert.deepEqual(await readdir(rootfs.work), [])
  },
}

/** Regular files below a directory that hold a text. */
async function filesWith(text: string, directory: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(directory, { withFileTypes: true, encoding: 'latin1' })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory() && entry.name !== 'bin')
      found.push(...(await filesWith(text, path).catch(() => [])))
    if (entry.isFile() && (await readFile(path).catch(() => Buffer.of())).includes(text)) found.push(path)
  }
  return found
}

/** Processes below this one that everybody sees a text of. */
function commandLinesWith(text: string): number[] {
  const pids = descendantsOf(process.pid).map(({ pid }) => pid)
  return pids.filter((pid) =>
    ['cmdline', 'environ'].some((name) => readOr(`/proc/${pid}/${name}`).includes(text)),
  )
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
