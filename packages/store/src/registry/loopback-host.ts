import { isIP } from 'node:net'

/** True for `localhost`, 127.0.0.0/8 and ::1, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const name = /^\[(.*)\]/.exec(host)?.[1] ?? host.replace(/:\d+$/, '')
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}
