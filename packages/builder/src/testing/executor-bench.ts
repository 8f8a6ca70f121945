import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Container, ContainerExit, Rootfs } from '../run/sandbox/container.js'
import type { Executor, RunContainerOptions } from '../run/sandbox/executor.js'

export interface BenchOptions {
  readonly executor: Executor
  /** A directory that is there, on a file system on which the executor works. */
  readonly directory: string
  /** A statically linked busybox of this machine. */
  readonly busybox: string
}

/** What a container wrote and how it ended. */
export interface BenchResult extends ContainerExit {
  readonly stdout: string
  readonly stderr: string
}

export type BenchRun = Partial<Container> & Partial<RunContainerOptions>

/** A place to run containers of one executor in, on a root of busybox and nothing else. */
export class ExecutorBench implements AsyncDisposable {
  readonly executor: Executor
  /** Of this bench alone. */
  readonly directory: string
  /** Where the files of the image are, before anything ran. */
  readonly image: string
  #count = 0

  private constructor(executor: Executor, directory: string) {
    this.executor = executor
    this.directory = directory
    this.image = join(directory, 'image')
  }

  static async open({ executor, directory, busybox }: BenchOptions): Promise<ExecutorBench> {
    const bench = new ExecutorBench(executor, await mkdtemp(join(directory, 'executor-bench-')))
    await chmod(bench.directory, 0o755)
    await makeImage(bench.image, busybox)
    return bench
  }

  /** Whether containers are more than a changed root. */
  get isolates(): boolean {
    return this.executor.mounts.includes('bind')
  }

  get manyIds(): boolean {
    return this.executor.files.owners === 'all'
  }

  /** An empty directory that is not part of any image. */
  async folder(name: string): Promise<string> {
    const path = join(this.directory, `${name}${this.#count++}`)
    await mkdir(path)
    return path
  }

  /** Runs a command line, or a text by the shell, in a fresh copy of the image unless `rootfs` is given. */
  async run(command: string | readonly string[], options: BenchRun = {}): Promise<BenchResult> {
    const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
    const rootfs = options.rootfs ?? (await this.rootfs())
    const scratch = options.scratch ?? (await this.folder('scratch'))
    await chmod(scratch, 0o700)
    const exit = await this.executor.run(
      {
        args: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
        env: ['PATH=/bin', 'HOME=/root'],
        cwd: '/',
        user: { uid: 0, gid: 0, groups: [0] },
        hostname: 'buildkitsandbox',
        mounts: [],
        network: 'default',
        insecure: false,
        limits: { ulimits: [], shmSize: 64 << 20 },
        ...containerPart(options),
        rootfs,
      },
      {
        signal: options.signal ?? new AbortController().signal,
        scratch,
        interactive: options.interactive ?? false,
        onOutput: options.onOutput ?? ((stream, chunk) => void chunks[stream].push(chunk)),
      },
    )
    return { ...exit, stdout: text(chunks.stdout), stderr: text(chunks.stderr) }
  }

  /** A root on which nothing ran yet; `make` may change the image's files before. */
  async rootfs(make?: (image: string) => Promise<unknown>): Promise<Rootfs> {
    const lower = make || this.executor.files.overlay === 'none' ? await this.#copyOfImage() : this.image
    await make?.(lower)
    if (this.executor.files.overlay === 'none') return { kind: 'directory', path: lower }
    const [upper, work] = [await this.folder('upper'), await this.folder('work')]
    return { kind: 'overlay', lowers: [lower], upper, work }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Files may belong to ids that only a user namespace can remove.
    const { enter } = this.executor.files
    if (enter.length > 0) await run(enter[0]!, [...enter.slice(1), 'rm', '-rf', this.directory])
    else await rm(this.directory, { recursive: true, force: true })
  }

  async #copyOfImage(): Promise<string> {
    const copy = await this.folder('image')
    await run('cp', ['-a', `${this.image}/.`, copy])
    return copy
  }
}

const run = promisify(execFile)

function text(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('utf8')
}

function containerPart({
  signal,
  scratch,
  onOutput,
  interactive,
  ...container
}: BenchRun): Partial<Container> {
  return container
}

async function makeImage(path: string, busybox: string): Promise<void> {
  for (const name of ['', 'bin', 'etc', 'root', 'tmp', 'srv']) await mkdir(join(path, name))
  await chmod(join(path, 'tmp'), 0o1777)
  await copyFile(busybox, join(path, 'bin/busybox'))
  await chmod(join(path, 'bin/busybox'), 0o755)
  const { stdout } = await run(busybox, ['--list'])
  for (const name of stdout.trim().split('\n')) {
    if (name !== 'busybox') await symlink('busybox', join(path, 'bin', name))
  }
  await writeFile(join(path, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/srv:/bin/sh\n')
  await writeFile(join(path, 'etc/group'), 'root:x:0:\nuser:x:1000:\n')
}
