import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { atEndOfFile } from './end-of-file.js'

/** Passes bytes on to a server, until it is told not to. */
export interface CuttingProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Breaks a connection after this many more bytes in one direction, over all of them; once. */
  cutNext(bytes: number, direction: 'up' | 'down'): void
}

/** Starts a proxy before `HOST:PORT`; it ends with the test file. */
export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const [host = '', port = ''] = target.split(':')
  const left = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY }
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), host)
    for (const [from, to, direction] of [
      [near, far, 'up'],
      [far, near, 'down'],
    ] as const) {
      open.add(from)
      from.on('data', (chunk: Buffer) => {
        if (chunk.length <= left[direction]) {
          left[direction] -= chunk.length
          if (!to.write(chunk)) from.pause()
          return
        }
        const part = chunk.subarray(0, left[direction])
        left[direction] = Number.POSITIVE_INFINITY
        to.write(part, () => {
          near.destroy()
          far.destroy()
        })
      })
      to.on('drain', () => from.resume())
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEndOfFile(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutNext(bytes, direction) {
      left[direction] = bytes
    },
  }
}
