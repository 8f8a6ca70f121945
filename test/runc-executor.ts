import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  Container,
  ContainerExit,
  Executor,
  RunContainerOptions,
} from '../packages/builder/src/index.js'

/** A plain executor for root: runc, with nothing but what tests of other rooms need. */
export const runcExecutor: Executor = {
  name: 'oci-root',
  description: 'runc as root, for tests',
  files: { enter: [], overlay: (process.env.OV ?? 'kernel') as 'kernel', owners: 'all', devices: true },
  lacks: [],
  mounts: ['bind', 'overlay', 'tmpfs', 'file'],
  run,
}

const CAPS =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .map((name) => `CAP_${name}`)

async function run(container: Container, options: RunContainerOptions): Promise<ContainerExit> {
  const bundle = options.scratch
  const root = join(bundle, 'rootfs')
  mkdirSync(root)
  const mounts: string[] = []
  const overlay = (stack: { lowers: readonly string[]; upper: string; work: string }, at: string) =>
    mounts.push(
      `mount -t overlay overlay -o redirect_dir=nofollow,metacopy=off,index=off,lowerdir=${stack.lowers.join(':')},upperdir=${stack.upper},workdir=${stack.work} ${at}`,
    )
  if (container.rootfs.kind === 'overlay') overlay(container.rootfs, root)
  else mounts.push(`mount --bind ${container.rootfs.path} ${root}`)
  const binds: object[] = []
  for (const [index, mount] of container.mounts.entries()) {
    const side = join(bundle, `m${index}`)
    if (mount.kind === 'tmpfs') {
      const size = mount.size === undefined ? [] : [`size=${mount.size}`]
      binds.push({ destination: mount.target, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', ...size] })
    } else if (mount.kind === 'overlay') {
      mkdirSync(side)
      overlay(mount, side)
      binds.push({ destination: mount.target, type: 'bind', source: side, options: ['rbind'] })
    } else if (mount.kind === 'file') {
      const directory = mkdtempSync('/dev/shm/cooper-test-')
      const path = join(directory, 'f')
      writeFileSync(path, mount.content)
      mounts.push(`chmod ${mount.mode.toString(8)} ${path}`, `chown ${mount.uid}:${mount.gid} ${path}`)
      binds.push({
        destination: mount.target,
        type: 'bind',
        source: path,
        options: ['rbind', mount.readOnly ? 'ro' : 'rw'],
      })
    } else {
      binds.push({
        destination: mount.target,
        type: 'bind',
        source: mount.source,
        options: ['rbind', mount.readOnly ? 'ro' : 'rw'],
      })
    }
  }
  const caps = container.insecure ? CAPS : CAPS
  const config = {
    ociVersion: '1.0.2',
    process: {
      user: { uid: container.user.uid, gid: container.user.gid, additionalGids: container.user.groups },
      args: container.args,
      env: container.env,
      cwd: container.cwd,
      capabilities: { bounding: caps, effective: caps, permitted: caps },
      rlimits: container.limits.ulimits.map(({ name, soft, hard }) => ({
        type: `RLIMIT_${name.toUpperCase()}`,
        soft,
        hard,
      })),
    },
    root: { path: 'rootfs' },
    hostname: container.hostname,
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
      },
      {
        destination: '/dev/shm',
        type: 'tmpfs',
        source: 'shm',
        options: ['mode=1777', `size=${container.limits.shmSize}`],
      },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] },
      ...binds,
    ],
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        ...(container.network === 'none' ? [{ type: 'network' }] : []),
      ],
    },
  }
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  const id = `cooper-test-${randomBytes(8).toString('hex')}`
  const script = `${mounts.map((line) => `${line} || exit 99`).join('\n')}\ncd ${bundle}\nexec runc --root ${join(bundle, 'state')} run ${id}`
  const child = spawn('unshare', ['-m', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => child.kill('SIGTERM')
  options.signal.addEventListener('abort', stop)
  child.stdout.on('data', (chunk: Buffer) => options.onOutput('stdout', chunk))
  child.stderr.on('data', (chunk: Buffer) => options.onOutput('stderr', chunk))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 255))
  })
  options.signal.removeEventListener('abort', stop)
  options.signal.throwIfAborted()
  return { exitCode, outOfMemory: false }
}
