import { readFile } from 'node:fs/promises'
import { hasErrno } from '@cooperage/store'
import type { RunNetwork } from '../run-options.js'

export interface ResolvConfPaths {
  readonly usual: string
  /** Where systemd-resolved names the servers that it asks itself. */
  readonly behindResolved: string
}

const PATHS: ResolvConfPaths = {
  usual: '/etc/resolv.conf',
  behindResolved: '/run/systemd/resolve/resolv.conf',
}
/** Where systemd-resolved listens. */
const STUB = '127.0.0.53'
const LIMIT = 1 << 20

/**
 * /etc/resolv.conf of a container: this machine's, or with `host` exactly this machine's. As in BuildKit, the servers
 * behind systemd-resolved take its place. Other servers on a loopback address stay: a step that has a network has this
 * machine's.
 */
export async function resolvConf(network: RunNetwork, paths: ResolvConfPaths = PATHS): Promise<string> {
  const text = await read(paths.usual)
  const named = servers(text)
  if (network === 'host' || named.length === 0 || named.some((server) => server !== STUB)) return text
  const behind = await read(paths.behindResolved)
  return servers(behind).length > 0 ? behind : text
}

function servers(text: string): string[] {
  return text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
}

async function read(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).slice(0, LIMIT)
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'ENOTDIR')) return ''
    throw error
  }
}
