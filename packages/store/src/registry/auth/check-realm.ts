import { BlockList, isIP } from 'node:net'
import type { CooperageError } from '../../errors.js'
import { parseUrl } from '../../http/parse-url.js'
import { isLoopbackHost } from '../loopback-host.js'
import { escapeText } from '../transport/escape-text.js'
import type { Redact } from '../transport/redact.js'
import { registryError } from '../transport/registry-error.js'

/** Addresses that only this machine, its network or its provider answers at. */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6')
}

/**
 * Whether a registry may send us, and the credentials we have for it, to this token server: over https, or over http
 * to itself where it is spoken to over http; and not to an address behind which only neighbours are, unless it is the
 * registry's own. @throws E_AUTH_REALM, in which the realm stands as `redact` leaves it
 */
export function checkRealm(text: string, registry: URL, redact: Redact): URL {
  const refuse = (realm: string, why: string) => refused(registry, redact(realm), why)
  const realm = parseUrl(text)
  if (realm === undefined || !/^https?:$/.test(realm.protocol)) {
    throw refuse(text, 'which is not the URL of a web server')
  }
  if (realm.username !== '' || realm.password !== '') {
    throw refuse(`${realm.protocol}//${realm.host}`, 'with a user in it')
  }
  const isOwnHost = realm.hostname === registry.hostname
  if (realm.protocol === 'http:' && !(registry.protocol === 'http:' && isOwnHost)) {
    throw refuse(realm.origin, 'where credentials would travel unprotected')
  }
  if (!isOwnHost && isPrivate(realm.hostname)) {
    throw refuse(realm.origin, 'an address inside this machine or its network')
  }
  realm.hash = ''
  return realm
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const family = isIP(host)
  if (family !== 0) return PRIVATE.check(host, family === 4 ? 'ipv4' : 'ipv6')
  return isLoopbackHost(host) || host.endsWith('.localhost') || host === 'metadata.google.internal'
}

function refused(registry: URL, realm: string, why: string): CooperageError {
  const shown = escapeText(realm)
  return registryError(
    'E_AUTH_REALM',
    { host: registry.host, problem: `names the token server ${shown}, ${why}` },
    { hint: 'no credential was sent there; check the registry and its address', data: { realm: shown } },
  )
}
