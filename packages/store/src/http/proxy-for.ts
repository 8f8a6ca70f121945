import { BlockList, isIP } from 'node:net'
import { parseUrl } from './parse-url.js'
import { shownUrl } from './shown-url.js'
import { TransportFailure } from './transport-failure.js'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The proxy that the environment names for a URL, as curl and Go's programs read it: HTTPS_PROXY for https, HTTP_PROXY
 * for http, unless NO_PROXY names the host. This machine itself is never asked for through a proxy.
 * @throws TransportFailure of kind `proxy` for one that is not spoken to over http
 */
export function proxyFor(url: URL, environment: Variables): URL | undefined {
  const text = variable(environment, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  if (text === '' || isThisMachine(url) || isExcepted(url, variable(environment, 'NO_PROXY')))
    return undefined
  const written = text.includes('://') ? text : `http://${text}`
  const proxy = parseUrl(written)
  if (proxy?.protocol === 'http:') return proxy
  const message = `cannot use the proxy ${shownUrl(written)}: only http:// proxies are served`
  throw new TransportFailure('proxy', { url, phase: 'connect', message })
}

function variable(environment: Variables, name: string): string {
  return environment[name.toLowerCase()] || environment[name] || ''
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function isThisMachine(url: URL): boolean {
  const host = hostOf(url)
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function isExcepted(url: URL, list: string): boolean {
  const host = hostOf(url)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || covers(entry.toLowerCase(), host, port))
}

function covers(entry: string, host: string, port: string): boolean {
  const family = isIP(host)
  const [network = '', bits] = entry.split('/')
  const kind = isIP(network)
  if (bits !== undefined && kind !== 0) {
    if (family !== kind || !/^\d{1,3}$/.test(bits) || Number(bits) > (kind === 4 ? 32 : 128)) return false
    const range = new BlockList()
    range.addSubnet(network, Number(bits), kind === 4 ? 'ipv4' : 'ipv6')
    return range.check(host, kind === 4 ? 'ipv4' : 'ipv6')
  }
  if (kind !== 0) return entry === host
  const [, name = '', only] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []
  if (only !== undefined && only !== port) return false
  if (family !== 0) return name === host
  // ".example.com" is what lies below it; "example.com" is that and the host itself.
  const bare = name.replace(/^\*?\./, '')
  return (bare === name && host === bare) || host.endsWith(`.${bare}`)
}
