import { isIP } from 'node:net'
import { CooperageError, type SourceLocation } from '@cooperage/store'

/**
 * The ports of one argument of EXPOSE, `[[ip:]host:]port[-port][/protocol]`, as `80/tcp`.
 * @throws E_DF_PORT
 */
export function parsePort(text: string, location: SourceLocation): string[] {
  const fail = (message: string) =>
    new CooperageError('E_DF_PORT', message, {
      location,
      hint: 'write a port such as 80, 53/udp or 8000-8010/tcp',
      data: { port: text },
    })
  const parts = text.split(':')
  const [port = '', rawProtocol = ''] = splitOnce(parts.at(-1)!)
  const host = parts.at(-2) ?? ''
  const address = parts.slice(0, -2).join(':')
  if (port === '') throw fail(`invalid port: "${text}": no port specified`)
  const protocol = rawProtocol === '' ? 'tcp' : rawProtocol.toLowerCase()
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) {
    throw fail(`invalid port: "${text}": invalid proto: ${protocol}`)
  }
  const bare = /^\[(.*)\]$/.exec(address)?.[1] ?? address
  if (bare !== '' && isIP(bare) === 0) throw fail(`invalid IP address: ${bare}`)
  const range = parseRange(port)
  if (range === undefined) throw fail(`invalid containerPort: ${port}`)
  if (host !== '') {
    const hostRange = parseRange(host)
    if (hostRange === undefined) throw fail(`invalid hostPort: ${host}`)
    // Many host ports for one port are fine: Docker chooses one of them.
    if (range.length > 1 && hostRange.length !== range.length) {
      throw fail(`invalid ranges specified for container and host Ports: ${port} and ${host}`)
    }
  }
  return Array.from({ length: range.length }, (_, index) => `${range.first + index}/${protocol}`)
}

function parseRange(text: string): { first: number; length: number } | undefined {
  const ends = text.split('-')
  if (ends.length > 2 || !ends.every((end) => /^\+?\d+$/.test(end) && Number(end) <= 65535)) return undefined
  const first = Number(ends[0])
  const length = Number(ends.at(-1)) - first + 1
  return length < 1 ? undefined : { first, length }
}

function splitOnce(text: string): readonly string[] {
  const at = text.indexOf('/')
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
