import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrno } from '@cooperage/store'
import type { Container, Rootfs } from '../container.js'
import type { Executor } from '../executor.js'
import type { KnownArch } from '../seccomp/syscall-numbers.js'
import { noOpProgram } from './no-op-program.js'

export interface TryOptions {
  /** Where it makes a directory of its own, and removes it. */
  readonly directory: string
  readonly arch: KnownArch
  readonly signal: AbortSignal
}

/** Runs a container that does nothing, with all that a container has. Throws what keeps it from working. */
export async function tryExecutor(
  executor: Executor,
  { directory, arch, signal }: TryOptions,
): Promise<void> {
  const place = await mkdtemp(join(directory, 'try-executor-'))
  try {
    const at = (name: string): string => join(place, name)
    for (const name of ['lower', 'upper', 'work', 'scratch']) await mkdir(at(name), { mode: 0o755 })
    await chmod(at('scratch'), 0o700)
    await writeFile(at('lower/no-op'), noOpProgram(arch), { mode: 0o755 })
    const rootfs: Rootfs =
      executor.files.overlay === 'none'
        ? { kind: 'directory', path: at('lower') }
        : { kind: 'overlay', lowers: [at('lower')], upper: at('upper'), work: at('work') }
    const { exitCode } = await executor.run(noOpContainer(rootfs), {
      signal,
      scratch: at('scratch'),
      onOutput: () => {},
    })
    if (exitCode !== 0) throw new Error(`a program that does nothing ended with ${exitCode}`)
  } finally {
    await remove(place)
  }
}

function noOpContainer(rootfs: Rootfs): Container {
  return {
    rootfs,
    args: ['/no-op'],
    env: [],
    cwd: '/',
    user: { uid: 0, gid: 0, groups: [0] },
    hostname: 'try',
    mounts: [],
    network: 'default',
    insecure: false,
    limits: { ulimits: [], shmSize: 1 << 20 },
  }
}

async function remove(place: string): Promise<void> {
  // overlayfs leaves a directory there that not even its owner may list.
  await chmod(join(place, 'work', 'work'), 0o700).catch((error: unknown) => {
    if (!hasErrno(error, 'ENOENT')) throw error
  })
  await rm(place, { recursive: true, force: true })
}
