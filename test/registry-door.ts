import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atEndOfFile } from './end-of-file.js'

/** A door before a registry that writes down what is asked: `HEAD /v2/a/manifests/1`. */
export interface Door {
  readonly host: string
  readonly asked: string[]
}

/** Opens a door to a registry without TLS; it closes with the test file. */
export async function door(registry: { readonly host: string }): Promise<Door> {
  const asked: string[] = []
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    const [hostname, port] = registry.host.split(':')
    // With the name of the door: a registry writes the name it was called by into its answers.
    const { method, url, headers } = incoming
    const onward = request({ hostname, port, method, path: url, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, response.headers)
      response.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
