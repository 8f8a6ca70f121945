import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { directoryOf, type Metadata } from '@cooperage/store'
import type { RunMount, RunOperation } from '../../plan/plan.js'
import { treeItems } from '../projection/tree-items.js'
import { unpackItems } from '../projection/unpack.js'
import { runTool } from '../tool.js'
import { agentSocket } from './agent-socket.js'
import { type BindSource, bindContent } from './bind-source.js'
import { cacheKey } from './cache-mount.js'
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
  let agents = 0
  for (const [index, mount] of operation.mounts.entries()) {
    const scratch = join(context.scratch, `mount.${index}`)
    switch (mount.type) {
      case 'tmpfs':
        mounts.push(tmpfs(mount))
        break
      case 'bind':
        mounts.push(await bind(mount, scratch, context))
        break
      case 'cache':
        mounts.push(await cache(mount, context))
        break
      case 'secret': {
        const { environment, location } = context
        const { signal } = environment
        const value = await secretValue(mount, environment.secrets, { signal, location })
        if (value === undefined) break
        secrets.push(value)
        const { target } = wantedSecret(mount)
        if (mount.env !== undefined) env.push(`${mount.env}=${Buffer.from(value).toString('utf8')}`)
        if (target !== undefined) mounts.push(secret(mount, target, value))
        break
      }
      case 'ssh': {
        const target = sshTarget(mount, agents++)
        // Also without an agent: programs then say what they miss.
        if (agents === 1) env.push(`SSH_AUTH_SOCK=${target}`)
        const agent = sshAgent(mount, context.environment.ssh, context.location)
        if (agent === undefined) break
        mkdirSync(scratch, { mode: 0o700 })
        const { uid = 0, gid = 0, mode = 0o600 } = mount
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

function tmpfs({ target, size }: RunMount): PreparedMount {
  return {
    wanted: { target, type: 'directory' },
    at: (place) => ({ kind: 'tmpfs', target: place, ...(size !== undefined && { size }) }),
  }
}

function secret(mount: RunMount, target: string, content: Uint8Array): PreparedMount {
  const { uid = 0, gid = 0, mode = 0o400 } = mount
  return {
    wanted: { target, type: 'file' },
    at: (place) => ({ kind: 'file', target: place, content, mode, uid, gid, readOnly: true }),
  }
}

async function bind(mount: RunMount, scratch: string, context: MountContext): Promise<PreparedMount> {
  const source = context.binds.find((one) => one.mount === mount)!
  const node = await source.node()
  const { path, type } = await projectBind(node, await contentName(source, context), options(context))
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

/** A name of what a bind shows: where it comes from, when that tells; else what it holds. */
async function contentName(source: BindSource, context: MountContext): Promise<string> {
  const { identity } = source.source
  if (identity !== undefined) return JSON.stringify([identity, source.mount.source])
  return bindContent(source, context.step)
}

async function cache(mount: RunMount, context: MountContext): Promise<PreparedMount> {
  const { environment, files, cacheNamespace: namespace } = context
  const source = context.binds.find((one) => one.mount === mount)
  const origin = source && (await contentName(source, context))
  const key = cacheKey(mount, { namespace, origin, files })
  const { uid = 0, gid = 0, mode = 0o755 } = mount
  const lease = await environment.store.caches.lease(key, {
    // Whoever comes second gets another one rather than to wait: two steps might wait for each other.
    sharing: context.isLent ? 'private' : (mount.sharing ?? 'shared'),
    signal: environment.signal,
    async fill(directory) {
      const node = await source?.node()
      const root = node ?? directoryOf({ mode, uid, gid, mtime: environment.now })
      const items = root.type === 'directory' ? treeItems(root) : []
      await unpackItems(items, directory, { ...options(context), root: root.meta })
    },
  })
  const { path } = context.leases.add(lease)
  return {
    wanted: { target: mount.target, type: 'directory' },
    at: (target) => ({ kind: 'bind', source: path, target, readOnly: mount.readOnly }),
  }
}

function options({ environment, files }: MountContext) {
  const { store, openHost, signal } = environment
  return { store, files, openHost, signal }
}
