import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeHost, type ExecutorFailure, type HostDescription, probeExecutors } from '@cooperage/builder'
import type { Store } from '@cooperage/store'
import { isCooperageError } from '@cooperage/store/errors'
import type { Invocation } from '../invocation.js'
import { renderDoctor } from '../render/doctor.js'
import { withStore } from '../with-store.js'
import { versionInfo } from './version.js'

/** What `cooper doctor` answers. */
export interface DoctorAnswer {
  readonly version: string
  readonly node: string
  readonly host: HostDescription
  readonly store: StoreState
  /** All there are, in the order in which they are tried. */
  readonly executors: readonly ExecutorState[]
}

export interface StoreState {
  readonly path: string
  /** `ext4`; a number for one without a name here. */
  readonly fileSystem?: string
  /** Why it cannot be used. */
  readonly error?: string
}

export interface ExecutorState {
  readonly name: string
  readonly works: boolean
  /** What RUN uses unless it is told otherwise. */
  readonly isChosen: boolean
  readonly description?: string
  readonly overlay?: string
  readonly owners?: string
  readonly lacks: readonly string[]
  readonly advisories: readonly string[]
  readonly failures: readonly ExecutorFailure[]
}

/** `cooper doctor` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, terminal } = invocation
  const answer = await examine(invocation)
  await terminal.print(flags.text('format') === 'json' ? `${JSON.stringify(answer)}\n` : renderDoctor(answer))
}

async function examine(invocation: Invocation): Promise<DoctorAnswer> {
  const { version, node } = await versionInfo()
  const host = describeHost(invocation.env.PATH)
  try {
    return await withStore(invocation, async (store) => {
      const fileSystem = nameOf((await statfs(store.path)).type)
      const executors = await tryExecutors(invocation, store.path, store)
      return { version, node, host, store: { path: store.path, fileSystem }, executors }
    })
  } catch (error) {
    if (!isCooperageError(error) || error.category !== 'store') throw error
    // A store that cannot be used says nothing of what RUN can do.
    const { store: path } = await invocation.settings()
    const directory = await mkdtemp(join(tmpdir(), 'cooper-doctor-'))
    try {
      const executors = await tryExecutors(invocation, directory)
      return { version, node, host, store: { path, error: error.message }, executors }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

async function tryExecutors(
  { env, signal }: Invocation,
  directory: string,
  store?: Store,
): Promise<ExecutorState[]> {
  const reports = await probeExecutors({
    directory,
    signal,
    ...(env.PATH !== undefined && { path: env.PATH }),
    ...(store && { records: store.records }),
  })
  return reports.map(({ name, isChosen, executor, advisories, failures }) => ({
    name,
    works: executor !== undefined,
    isChosen,
    ...(executor && {
      description: executor.description,
      overlay: executor.files.overlay,
      owners: executor.files.owners,
    }),
    lacks: executor?.lacks ?? [],
    advisories,
    failures,
  }))
}

/** statfs(2), and linux/magic.h. */
function nameOf(type: number): string {
  return FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`
}

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  4076150800: 'f2fs',
  3393526350: 'bcachefs',
  16914836: 'tmpfs',
  2035054128: 'overlay',
  1702057286: 'fuse',
  26985: 'nfs',
  4283649346: 'smb',
  4266872130: 'smb2',
  16914839: '9p',
}
