import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CooperageError, directoryOf, type Metadata } from '@cooperage/store'
import type { RunMount, RunOperation } from '../../plan/plan.js'
import { unpackItems } from '../projection/unpack.js'
import { runTool } from '../tool.js'
import { agentSocket } from './agent-socket.js'
import { contentName } from './content-name.js'
import { leaseCaches, type StepCache } from './lease-caches.js'
import type { MountContext } from './mount-context.js'
import type { PreparedMount } from './prepared-mount.js'
import { projectBind } from './project-bind.js'
import { secretValue, wantedSecret } from './secret-mount.js'
import { sshAgent, sshTarget } from './ssh-mount.js'

export interface PreparedMounts {
  readonly mounts: readonly PreparedMount[]
  /** Variables with secrets, and the one with the socket of an agent: `NAME=value`. */
  readonly env: readonly string[]
  /** What must not be shown when the process writes it. */
  readonly secrets: readonly Uint8Array[]
}

/** Makes everything ready that a RUN mounts. @throws E_MOUNT_SOURCE, E_SECRET_…, E_SSH_MISSING, E_TOOL, E_LOCK */
export async function prepareMounts(operation: RunOperation, context: MountContext): Promise<PreparedMounts> {
  const mounts: PreparedMount[] = []
  const env: string[] = []
  const secrets: Uint8Array[] = []
  let caches: ReadonlyMap<RunMount, StepCache> | undefined
  let agents = 0
  for (const [index, mount] of operation.mounts.entries()) {
    const scratch = join(context.scratch, `mount.${index}`)
    switch (mount.type) {
      case 'tmpfs':
        if (mount.source !== '') throw nothingThere(mount, context)
        mounts.push(tmpfs(mount))
        break
      case 'bind':
        mounts.push(await bind(mount, scratch, context))
        break
      case 'cache':
        if (mount.source !== '' && !context.binds.some((one) => one.mount === mount)) {
          throw nothingThere(mount, context)
        }
        caches ??= await leaseCaches(operation.mounts, context)
        mounts.push(cache(mount, caches.get(mount)!))
        break
      case 'secret': {
        const { environment, location } = context
        const { signal } = environment
        const value = await secretValue(mount, environment.secrets, { signal, location })
        // As in BuildKit, the variable is there without a secret too, and empty.
        if (mount.env !== undefined) env.push(`${mount.env}=${Buffer.from(value ?? '').toString('utf8')}`)
        if (value === undefined) break
        secrets.push(value)
        const { target } = wantedSecret(mount)
        if (target !== undefined)
          mounts.push(secret(mount, { target, content: value, ...ownerOf(mount, context) }))
        break
      }
      case 'ssh': {
        const target = sshTarget(mount, agents++)
        // Also without an agent: programs then say what they miss.
        if (agents === 1) env.push(`SSH_AUTH_SOCK=${target}`)
        const agent = sshAgent(mount, context.environment.ssh, context.location)
        if (agent === undefined) break
        mkdirSync(scratch, { mode: 0o700 })
        const { mode = 0o600 } = mount
        const { uid, gid } = ownerOf(mount, context)
        const { enter } = context.files
        const { signal } = context.environment
        const socket = await agentSocket(agent, { directory: scratch, uid, gid, mode, enter, signal })
        const { path: source } = context.leases.add(socket)
        mounts.push({
          wanted: { target, type: 'file' },
          at: (place) => ({ kind: 'bind', source, target: place, readOnly: false }),
        })
      }
    }
  }
  return { mounts, env, secrets }
}

/** It has the mode of the directory that it covers, as runtimes have it; where there is none, all may write to it. */
function tmpfs({ target, size, readOnly }: RunMount): PreparedMount {
  return {
    wanted: { target, type: 'directory', mode: 0o1777 },
    at: (place, mode) => ({
      kind: 'tmpfs',
      target: place,
      readOnly,
      ...(mode !== undefined && { mode }),
      ...(size !== undefined && { size }),
    }),
  }
}

/** Where there is one id, it owns whatever would be another's. */
function ownerOf({ uid = 0, gid = 0 }: RunMount, { files }: MountContext): { uid: number; gid: number } {
  return files.owners === 'one' ? { uid: 0, gid: 0 } : { uid, gid }
}

function secret(
  { mode = 0o400 }: RunMount,
  about: {
    readonly target: string
    readonly content: Uint8Array
    readonly uid: number
    readonly gid: number
  },
): PreparedMount {
  const { target, content, uid, gid } = about
  return {
    wanted: { target, type: 'file' },
    at: (place) => ({ kind: 'file', target: place, content, mode, uid, gid, readOnly: true }),
  }
}

async function bind(mount: RunMount, scratch: string, context: MountContext): Promise<PreparedMount> {
  const source = context.binds.find((one) => one.mount === mount)!
  const node = await source.node()
  const { path, type } = await projectBind(node, await contentName(source, context.step), options(context))
  const wanted = { target: mount.target, type }
  if (mount.readOnly) {
    return { wanted, at: (target) => ({ kind: 'bind', source: path, target, readOnly: true }) }
  }
  mkdirSync(scratch, { mode: 0o700 })
  const copy = join(scratch, 'copy')
  const { files, environment } = context
  if (type === 'file' || files.overlay === 'none') {
    const { enter } = files
    await runTool(['cp', '-a', '--reflink=auto', '--', path, copy], { enter, signal: environment.signal })
    return { wanted, at: (target) => ({ kind: 'bind', source: copy, target, readOnly: false }) }
  }
  const upper = join(scratch, 'upper')
  const work = join(scratch, 'work')
  const root = node.meta
  const items = ['upper', 'work'].map(
    (name) => ({ kind: 'node', path: name, node: directoryOf(root) }) as const,
  )
  await unpackItems(items, scratch, { ...options(context), root: PRIVATE })
  return { wanted, at: (target) => ({ kind: 'overlay', lowers: [path], upper, work, target }) }
}

const PRIVATE: Metadata = { mode: 0o700, uid: 0, gid: 0, mtime: 0 }

function cache({ target, readOnly }: RunMount, { path, type }: StepCache): PreparedMount {
  return {
    wanted: { target, type },
    at: (place) => ({ kind: 'bind', source: path, target: place, readOnly }),
  }
}

/** What begins empty has no part that could be shown. */
function nothingThere({ type, source }: RunMount, { location }: MountContext): CooperageError {
  return new CooperageError(
    'E_MOUNT_SOURCE',
    `the source of a mount is not there: ${JSON.stringify(source)}: a ${type} mount begins empty`,
    {
      location,
      hint: 'remove source=, or say with from= which stage or image it is of',
      data: { path: source },
    },
  )
}

function options({ environment, files }: MountContext) {
  const { store, openHost, signal } = environment
  return { store, files, openHost, signal }
}
