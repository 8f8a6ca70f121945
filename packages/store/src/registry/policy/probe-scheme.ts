import { isIP } from 'node:net'
import { connect, createSecureContext } from 'node:tls'

/** How long a server may take to show which it is, in milliseconds. */
const PATIENCE = 5000

/**
 * Whether a server speaks TLS, by beginning to speak it: `http` when it answers with something else or not at all.
 * Meant for hosts of this machine and those that a configuration calls insecure; nobody else gets the choice.
 */
export function probeScheme(host: string): Promise<'http' | 'https'> {
  const { hostname, port } = new URL(`https://${host}`)
  const name = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    const socket = connect({
      host: name,
      port: port === '' ? 443 : Number(port),
      // Who it is shall be judged when something is asked; here nothing is sent.
      rejectUnauthorized: false,
      // Nor is there anyone to trust: to read Node's list of authorities takes longer than all the rest.
      secureContext: createSecureContext({ ca: [] }),
      ...(isIP(name) === 0 && { servername: name }),
    })
    const end = (scheme: 'http' | 'https') => {
      socket.destroy()
      resolve(scheme)
    }
    socket.setTimeout(PATIENCE, () => end('http'))
    socket.once('secureConnect', () => end('https'))
    // A server that asks for a certificate of ours, or knows no common cipher, has said in TLS that it cannot go on.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(/ALERT/.test(error.code ?? '') ? 'https' : 'http')
    })
  })
}
