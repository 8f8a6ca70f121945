import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CooperageError, hasErrno } from '@cooperage/store'

/** Who signs for a build over SSH. */
export type SshAgent =
  | { readonly kind: 'socket'; readonly path: string }
  /** Files with private keys; whoever uses them asks for no passphrase. */
  | { readonly kind: 'keys'; readonly paths: readonly string[] }

/** Gives the agents of a build to whoever needs one; `default` is the one that git uses. */
export interface SshSource {
  get(id: string): SshAgent | undefined
}

/**
 * The agents of one build by their ids: each one socket, or one or more files with private keys. Paths come out
 * absolute. @throws E_SSH_MISSING, E_SSH_MIXED
 */
export async function openSsh(agents: Readonly<Record<string, readonly string[]>> = {}): Promise<SshSource> {
  const found = new Map<string, SshAgent>()
  for (const [id, paths] of Object.entries(agents)) found.set(id, await agentOf(id, paths))
  return { get: (id) => found.get(id) }
}

async function agentOf(id: string, paths: readonly string[]): Promise<SshAgent> {
  const absolute = paths.map((path) => resolve(path))
  const kinds = await Promise.all(absolute.map((path) => kindOf(id, path)))
  const [first] = absolute
  if (first !== undefined && kinds.every((kind) => kind === 'key')) return { kind: 'keys', paths: absolute }
  if (first !== undefined && absolute.length === 1) return { kind: 'socket', path: first }
  throw new CooperageError(
    'E_SSH_MIXED',
    `ssh ${JSON.stringify(id)} is neither one socket nor files with keys`,
    {
      hint: 'give the socket of one agent, or the files of one or more private keys',
      data: { id, paths },
    },
  )
}

async function kindOf(id: string, path: string): Promise<'socket' | 'key'> {
  const stats = await stat(path).catch((error: unknown) => {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) throw error
  })
  if (stats?.isSocket()) return 'socket'
  if (stats?.isFile()) return 'key'
  throw new CooperageError(
    'E_SSH_MISSING',
    `ssh ${JSON.stringify(id)}: there is no socket and no key at ${path}`,
    {
      hint: 'start an agent and set SSH_AUTH_SOCK, or name the file of a private key',
      data: { id, path },
    },
  )
}
