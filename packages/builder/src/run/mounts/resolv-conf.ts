import { readFile } from 'node:fs/promises'
import { hasErrno } from '@cooperage/store'
import type { RunNetwork } from '../run-options.js'

const PATH = '/etc/resolv.conf'
/** Where systemd-resolved names the servers that it asks itself. */
const BEHIND_RESOLVED = '/run/systemd/resolve/resolv.conf'
/** Docker's choice for a machine without a usable server. */
const FALLBACK = ['8.8.8.8', '8.8.4.4']
const LIMIT = 1 << 20

/** /etc/resolv.conf of a container, from this machine's. */
export async function resolvConf(network: RunNetwork): Promise<string> {
  const text = await read(PATH)
  const isStub = servers(text).every((server) => server === '127.0.0.53') && servers(text).length > 0
  if (network === 'host') return text
  return forContainer(isStub ? await read(BEHIND_RESOLVED) : text)
}

/** Without servers on a loopback address, which is another one in a network namespace; never without any server. */
function forContainer(text: string): string {
  const kept = text.split('\n').filter((line) => {
    const server = serverOf(line)
    return server === undefined || !isLoopback(server)
  })
  const rest = kept.join('\n')
  if (servers(rest).length > 0) return rest
  return `${rest.replace(/\n*$/, '')}\n${FALLBACK.map((server) => `nameserver ${server}\n`).join('')}`.replace(
    /^\n/,
    '',
  )
}

function servers(text: string): string[] {
  return text.split('\n').flatMap((line) => serverOf(line) ?? [])
}

function serverOf(line: string): string | undefined {
  return /^\s*nameserver\s+(\S+)/.exec(line)?.[1]
}

function isLoopback(server: string): boolean {
  return server.startsWith('127.') || server === '::1'
}

async function read(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).slice(0, LIMIT)
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'ENOTDIR')) return ''
    throw error
  }
}
