import { existsSync } from 'node:fs'
import { CooperageError, isCooperageError } from '@cooperage/store'
import { ChrootExecutor } from '../chroot-executor.js'
import type { Executor, ExecutorName } from '../executor.js'
import type { ExecutorSetting, OciRuntime } from '../executor-setting.js'
import type { FileAccess } from '../file-access.js'
import { type IdMaps, ownIdMaps, singleIdMaps, subordinateMaps } from '../id-maps.js'
import { OciExecutor } from '../oci-executor.js'
import { UnshareExecutor } from '../unshare-executor.js'
import { freeIds } from './free-ids.js'
import type { HostSituation } from './host-situation.js'
import { type ExecutorFailure, failureOf } from './remedy.js'
import { tryExecutor } from './try-executor.js'

/** In the order in which they are tried. */
export const EXECUTOR_NAMES: readonly ExecutorName[] = [
  'unshare-root',
  'oci-root',
  'oci-userns',
  'unshare-userns',
  'chroot',
]

/** What is needed, beside the situation, to make an executor again without trying it. */
export interface FoundSetting {
  readonly overlay: FileAccess['overlay']
  /** In a user namespace: those of this one, subordinate ones, or that of this user alone. */
  readonly ids?: 'own' | 'many' | 'one'
  readonly runtime?: OciRuntime
  readonly guardsDevices?: boolean
}

export interface ExecutorVerdict {
  readonly name: ExecutorName
  /** Absent when no form of it works. */
  readonly found?: FoundSetting
  /** What did not work before that, or instead. */
  readonly failures: readonly ExecutorFailure[]
}

export interface ProbeOptions {
  readonly situation: HostSituation
  readonly directory: string
  readonly signal: AbortSignal
}

/** Tries the forms of one executor, the best first, by running a container that does nothing. */
export async function probeExecutor(name: ExecutorName, options: ProbeOptions): Promise<ExecutorVerdict> {
  const { situation } = options
  const failures: ExecutorFailure[] = []
  for (const form of await formsOf(name, situation, failures)) {
    for (const overlay of overlaysFor(name, form, situation)) {
      options.signal.throwIfAborted()
      const found: FoundSetting = { ...form, overlay }
      const executor = makeExecutor(name, found, situation)
      try {
        await tryExecutor(executor, { ...options, arch: situation.arch! })
        return { name, found, failures }
      } catch (error) {
        options.signal.throwIfAborted()
        // It is tried again without that.
        if (form.guardsDevices === true) break
        failures.push(
          failureOf(`${executor.description}${overlay === 'none' ? '' : `, overlay ${overlay}`}`, error),
        )
        // Another way to mount overlays helps against nothing else.
        if (!isAboutOverlay(error)) break
      }
    }
  }
  return { name, failures }
}

/** The executor of a verdict. */
export function makeExecutor(name: ExecutorName, found: FoundSetting, situation: HostSituation): Executor {
  const { perl } = situation.tools
  if (perl === undefined || situation.arch === undefined)
    throw new TypeError(`${name} was never found to work`)
  const maps = mapsFor(name, found, situation)
  const setting: ExecutorSetting = {
    tools: { ...situation.tools, perl },
    arch: situation.arch,
    overlay: found.overlay,
    devices: situation.devices,
    ...(maps && { maps }),
    ...(found.guardsDevices === true && { guardsDevices: true }),
  }
  if (name === 'chroot') return new ChrootExecutor(setting)
  return found.runtime === undefined
    ? new UnshareExecutor(setting)
    : new OciExecutor({ ...setting, runtime: found.runtime })
}

type Form = Omit<FoundSetting, 'overlay'>

/** What is missing for sure is a failure without a try. */
async function formsOf(
  name: ExecutorName,
  situation: HostSituation,
  failures: ExecutorFailure[],
): Promise<Form[]> {
  const missing = (tried: string, why: string, remedy: string): Form[] => {
    failures.push({ tried, why, remedy })
    return []
  }
  const { tools, identity, arch } = situation
  if (arch === undefined) {
    return missing(
      name,
      `the system calls of ${process.platform} on ${process.arch} are not known here`,
      'use Linux on x64 or arm64',
    )
  }
  if (tools.perl === undefined) return missing(name, 'perl is missing', 'install perl (perl-base on Debian)')
  const isRoot = identity.uid === 0
  if (!name.endsWith('userns') && !isRoot) return missing(name, 'only for root', 'run cooper as root')
  if (name === 'unshare-root' && situation.devices) return [{ guardsDevices: true }, {}]
  const runtimes = name.startsWith('oci') ? await situation.runtimes() : [undefined]
  if (runtimes.length === 0) return missing(name, 'neither crun nor runc is there', 'install runc or crun')
  const ids = name.endsWith('userns') ? idForms(situation, failures) : [undefined]
  return ids.flatMap((ids) =>
    runtimes.map((runtime) => ({ ...(ids && { ids }), ...(runtime && { runtime }) })),
  )
}

/** What was tried, of a failure for want of these. */
export const SUBORDINATE_IDS = 'subordinate ids'

type IdForm = Exclude<FoundSetting['ids'], undefined>

function idForms(situation: HostSituation, failures: ExecutorFailure[]): IdForm[] {
  const { tools, identity, subordinate } = situation
  // Where these cannot be had, subordinate ids cannot either.
  if (ownIdMaps(identity) !== undefined) return ['own', 'one']
  const tried = SUBORDINATE_IDS
  const maps = subordinateMaps(identity, subordinate)
  if (typeof maps === 'string') {
    const { name, uid } = identity
    const free = freeIds(subordinate)
    const remedy =
      name === undefined
        ? `add a line ${uid}:${Number.parseInt(free, 10)}:65536 to /etc/subuid and /etc/subgid, and one for ${uid} to /etc/passwd`
        : `usermod --add-subuids ${free} --add-subgids ${free} ${name}`
    failures.push({ tried, why: maps, remedy })
    return ['one']
  }
  if (tools.newuidmap === undefined || tools.newgidmap === undefined) {
    failures.push({
      tried,
      why: 'newuidmap and newgidmap are missing',
      remedy: 'install uidmap (shadow-utils on Fedora)',
    })
    return ['one']
  }
  return ['many', 'one']
}

function overlaysFor(
  name: ExecutorName,
  { ids }: Form,
  { tools, devices }: HostSituation,
): FileAccess['overlay'][] {
  if (name === 'chroot') return ['none']
  const fuse = tools['fuse-overlayfs'] !== undefined && existsSync('/dev/fuse') ? (['fuse'] as const) : []
  // Root of a user namespace that is not ours has no trusted.* attributes either.
  return ids === undefined && devices ? ['kernel', ...fuse, 'none'] : ['userxattr', ...fuse, 'none']
}

function isAboutOverlay(error: unknown): boolean {
  return isCooperageError(error) && /overlay/.test(String(error.data.what ?? ''))
}

function mapsFor(name: ExecutorName, { ids }: FoundSetting, situation: HostSituation): IdMaps | undefined {
  if (!name.endsWith('userns')) return undefined
  const own = ids === 'own' ? ownIdMaps(situation.identity) : undefined
  if (own !== undefined) return own
  if (ids !== 'many') return singleIdMaps(situation.identity)
  const maps = subordinateMaps(situation.identity, situation.subordinate)
  if (typeof maps === 'string') throw new CooperageError('E_SANDBOX', maps, { category: 'sandbox' })
  return maps
}
