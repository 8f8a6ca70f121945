import { isIP } from 'node:net'
import { connect, createSecureContext } from 'node:tls'
import { nodeTransport } from '../../http/node-transport.js'
import { proxyFor } from '../../http/proxy-for.js'
import { TransportFailure } from '../../http/transport-failure.js'

/** How long a server may take to show which it is, in milliseconds. */
const PATIENCE = 5000

type Scheme = 'http' | 'https'

/**
 * Whether a server speaks TLS, by beginning to speak it: `http` when it answers with something else or not at all.
 * Meant for hosts of this machine and those that a configuration calls insecure; nobody else gets the choice.
 * `environment` names the proxy that it may be behind.
 */
export async function probeScheme(
  host: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Scheme> {
  const url = new URL(`https://${host}`)
  try {
    return await (proxyFor(url, environment) === undefined ? directly(url) : byProxy(url, environment))
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error
    // What is wrong with a proxy says nothing of the server, and is told when something is asked.
    return error.kind === 'proxy' || error.kind === 'timeout' ? 'https' : 'http'
  }
}

/** Whatever is answered was answered in TLS. */
async function byProxy(url: URL, environment: Readonly<Record<string, string | undefined>>): Promise<Scheme> {
  const timeouts = { connect: PATIENCE, head: PATIENCE }
  await using transport = nodeTransport({ environment, timeouts })
  const tls = { skipVerify: true }
  const response = await transport.send({ method: 'GET', url: new URL('/v2/', url), headers: {}, tls })
  response.discard()
  return 'https'
}

function directly({ hostname, port }: URL): Promise<Scheme> {
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
    const end = (scheme: Scheme) => {
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
