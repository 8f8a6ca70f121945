import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { atEndOfFile } from './end-of-file.js'

/** A web server of a test, on a port of 127.0.0.1 that was free. */
export interface Loopback {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly origin: string
  readonly server: Server
  /** What was asked for so far: `GET /path`. */
  readonly asked: string[]
  readonly requests: IncomingMessage[]
}

/** Starts a server that ends with the test file. With `tls` it speaks https with this key and certificate. */
export async function loopback(
  answer: RequestListener,
  tls?: { readonly key: string | Buffer; readonly cert: string | Buffer },
): Promise<Loopback> {
  const asked: string[] = []
  const requests: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    requests.push(request)
    return answer(request, response)
  }
  const server = tls === undefined ? createServer(listener) : createTls(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, server, asked, requests }
}
