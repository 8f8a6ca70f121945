import type { ExtraHost } from '../run-options.js'

/** /etc/hosts of a container, as BuildKit writes it: names that the caller gives in small letters. */
export function hostsFile(hostname: string, extra: readonly ExtraHost[]): string {
  const lines = [`127.0.0.1\tlocalhost ${hostname}`, '::1\tlocalhost ip6-localhost ip6-loopback']
  for (const { host, address } of extra) lines.push(`${address}\t${host.toLowerCase()}`)
  return `${lines.join('\n')}\n`
}
