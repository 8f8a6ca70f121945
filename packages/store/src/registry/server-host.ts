import { CooperageError } from '../errors.js'
import { parseUrl } from '../http/parse-url.js'

/** Where names are not those of servers. */
const SERVERS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' }

/**
 * Host and port of the server that a host in a name stands for. A reference may be well formed and its host be none: a
 * port above 65535, `256.256.256.256`. @throws E_REF
 */
export function serverHost(host: string): string {
  if (isHost(host)) return SERVERS[host] ?? host
  throw new CooperageError('E_REF', `no registry can have the address ${host}`, {
    hint: 'a host is a name or an address; its port is at most 65535, and a name that ends in a number is none',
    data: { host },
  })
}

/** Whether something can be asked there. The text is of the form of a host, perhaps with a port. */
export function isHost(host: string): boolean {
  return parseUrl(`https://${host}`) !== undefined
}
