import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeTransport } from './node-transport.js'
import type { TransportResponse } from './transport.js'
import { TransportFailure } from './transport-failure.js'

const BODY = randomBytes(3_000_017)
const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A server that answers as it is told once it has heard the end of a request. */
async function serve(answer: (socket: Socket, count: number) => void): Promise<URL> {
  let count = 0
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
      if (!heard.endsWith('\r\n\r\n')) return
      heard = ''
      answer(socket, count++)
    })
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

async function get(url: URL, signal?: AbortSignal): Promise<TransportResponse> {
  const transport = nodeTransport({ timeouts: { stall: 300 } })
  return transport.send({ method: 'GET', url, headers: {}, bulk: {}, ...(signal && { signal }) })
}

/** Reads as a reader in turn does: what it keeps, it copies. */
async function read(response: TransportResponse): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of response.body) {
    await new Promise((resolve) => setImmediate(resolve))
    hash.update(piece)
  }
  return hash.digest('hex')
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const head = (...lines: string[]): string => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`
const sized = (size: number): string => head(`Content-Length: ${size}`)

describe('a large body', () => {
  const answers: [string, (socket: Socket) => void][] = [
    [
      'right behind its head',
      (socket) => socket.write(Buffer.concat([Buffer.from(sized(BODY.length)), BODY])),
    ],
    [
      'after its head',
      (socket) => {
        socket.write(sized(BODY.length))
        setTimeout(() => socket.write(BODY), 30)
      },
    ],
    [
      'behind a head that comes byte by byte',
      async (socket) => {
        socket.setNoDelay(true)
        for (const letter of sized(BODY.length)) {
          socket.write(letter)
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        socket.write(BODY)
      },
    ],
    [
      'with more behind it than was announced',
      (socket) => socket.write(Buffer.concat([Buffer.from(sized(BODY.length)), BODY, randomBytes(100_000)])),
    ],
    [
      'after another head',
      (socket) => {
        socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${sized(BODY.length)}`)
        socket.write(BODY)
      },
    ],
    [
      'in chunks',
      (socket) => {
        socket.write(head('Transfer-Encoding: chunked'))
        for (let at = 0; at < BODY.length; at += 100_000) {
          const part = BODY.subarray(at, at + 100_000)
          socket.write(`${part.length.toString(16)}\r\n`)
          socket.write(part)
          socket.write('\r\n')
        }
        socket.write('0\r\n\r\n')
      },
    ],
    [
      'that ends with its connection',
      (socket) => {
        socket.write(head())
        socket.end(BODY)
      },
    ],
  ]
  it.each(answers)('%s, is what was sent', async (_, answer) => {
    const url = await serve(answer)
    const response = await get(url)
    expect(response.status).toBe(200)
    expect(await read(response)).toBe(digest(BODY))
  })

  it('of no bytes ends at once', async () => {
    const url = await serve((socket) => socket.write(sized(0)))
    expect(await read(await get(url))).toBe(digest(Buffer.alloc(0)))
  })

  it('is not mixed up with a body that follows a head that ends otherwise', async () => {
    const body = 'a body\r\n\r\nwith an end of a head'
    const url = await serve((socket) =>
      socket.write(`HTTP/1.1 200 OK\nContent-Length: ${body.length}\n\n${body}`),
    )
    const outcome = await get(url).then(read, (error: unknown) => error)
    // A parser may refuse it, as the one of Node does now, or take it; what is read must be the body.
    if (!(outcome instanceof TransportFailure)) expect(outcome).toBe(digest(Buffer.from(body)))
  })

  it('that breaks off is a failure of the body', async () => {
    for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const url = await serve((socket) => {
        socket.write(sized(BODY.length))
        socket.write(BODY.subarray(0, 1_000_000), () => setTimeout(() => end(socket), 50))
      })
      const failure = await get(url)
        .then(read, (error: unknown) => error)
        .catch((error: unknown) => error)
      expect(failure).toMatchObject({ name: 'TransportFailure', kind: 'reset', phase: 'body' })
    }
  })

  it('that breaks off was handed over as far as it came', async () => {
    const url = await serve((socket) => {
      socket.write(sized(BODY.length))
      socket.write(BODY.subarray(0, 1_500_000), () => setTimeout(() => socket.end(), 50))
    })
    const pieces: Buffer[] = []
    const reading = async () => {
      for await (const piece of (await get(url)).body) pieces.push(Buffer.from(piece))
    }
    await expect(reading()).rejects.toMatchObject({ phase: 'body' })
    expect(Buffer.concat(pieces).equals(BODY.subarray(0, 1_500_000))).toBe(true)
  })

  it('of a slow line comes in the pieces in which it was sent, and silence is not what it is taken for', async () => {
    const url = await serve((socket) => {
      socket.write(sized(BODY.length))
      let at = 0
      // More often than a silence is long, and for longer than one.
      const timer = setInterval(() => {
        socket.write(BODY.subarray(at, at + 10_000))
        at += 10_000
        if (at === 50_000) {
          clearInterval(timer)
          socket.write(BODY.subarray(at))
        }
      }, 200)
    })
    const sizes: number[] = []
    const hash = createHash('sha256')
    for await (const piece of (await get(url)).body) {
      sizes.push(piece.byteLength)
      hash.update(piece)
    }
    expect(sizes.slice(0, 4)).toEqual([10_000, 10_000, 10_000, 10_000])
    expect(hash.digest('hex')).toBe(digest(BODY))
  })

  it('of a quick line comes in whole buffers, which are the reader’s, and new ones are made where none is spared', async () => {
    const url = await serve((socket) => socket.write(Buffer.concat([Buffer.from(sized(BODY.length)), BODY])))
    const spares = [new ArrayBuffer(1 << 20), new ArrayBuffer(1000)]
    const given = new Set(spares)
    const transport = nodeTransport()
    const response = await transport.send({
      method: 'GET',
      url,
      headers: {},
      bulk: { spare: () => spares.pop() },
    })
    const kept: Uint8Array[] = []
    const hash = createHash('sha256')
    for await (const piece of response.body) {
      const isWhole = piece.byteLength === piece.buffer.byteLength
      kept.push(isWhole ? piece : piece.slice())
    }
    for (const piece of kept) hash.update(piece)
    expect(hash.digest('hex')).toBe(digest(BODY))
    const whole = kept.filter(({ byteLength }) => byteLength === 1 << 20)
    expect(whole.length).toBeGreaterThanOrEqual(1)
    expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(kept.length)
    expect(kept.filter(({ buffer }) => given.has(buffer as ArrayBuffer)).length).toBe(1)
  })

  it('that falls silent is a failure after a while, and one that its reader leaves alone is not', async () => {
    const url = await serve((socket) => {
      socket.write(sized(BODY.length))
      socket.write(BODY.subarray(0, 1_000_000))
    })
    const failure = await get(url)
      .then(read)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'timeout', phase: 'body' })
    const whole = await serve((socket) =>
      socket.write(Buffer.concat([Buffer.from(sized(BODY.length)), BODY])),
    )
    const response = await get(whole)
    const hash = createHash('sha256')
    for await (const piece of response.body) {
      if (hash.copy().digest('hex') === digest(Buffer.alloc(0)))
        await new Promise((resolve) => setTimeout(resolve, 400))
      hash.update(piece)
    }
    expect(hash.digest('hex')).toBe(digest(BODY))
  })

  it('that is left closes its connection; the reason of an abort is what its reader is told', async () => {
    const url = await serve((socket) => {
      socket.write(sized(BODY.length))
      socket.write(BODY.subarray(0, 1_000_000))
    })
    // Not `once`: what is left unread makes it end with an error.
    const gone = (socket: Socket) =>
      socket.destroyed || new Promise((resolve) => socket.once('close', resolve))
    const closed = () => Promise.all([...sockets].map(gone))
    for await (const _ of (await get(url)).body) break
    await closed()
    ;(await get(url)).discard()
    await closed()
    const controller = new AbortController()
    const response = await get(url, controller.signal)
    const reading = read(response)
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    await closed()
  })

  it('of an answer that is read by the parser leaves no connection behind', async () => {
    const gone = new Promise((resolve) => {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        sockets.add(socket.on('error', resolve))
        socket.once('data', () => {
          socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry')
          // To one that only ended its own side, this could be written.
          const timer = setInterval(() => socket.write('more'), 50)
          socket.once('close', () => clearInterval(timer))
        })
      }).listen(0, '127.0.0.1', async () => {
        servers.push(server)
        const response = await get(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))
        for await (const _ of response.body);
      })
    })
    expect(await gone).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) })
  })

  it.skipIf(process.getuid?.() !== 0)(
    'is asked for without naming the port that everybody knows',
    async () => {
      const hosts: unknown[] = []
      const server = createHttpServer((request, response) => {
        hosts.push(request.headers.host)
        response.end('x')
      })
      // An address of this machine that nobody else listens on.
      await once(server.listen(80, '127.0.113.7'), 'listening')
      for await (const _ of (await get(new URL('http://127.0.113.7/'))).body);
      server.close()
      expect(hosts).toEqual(['127.0.113.7'])
    },
  )

  it('is asked for on a kept connection where it was found elsewhere before', async () => {
    const url = await serve((socket) =>
      socket.write('HTTP/1.1 307 Away\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n'),
    )
    const transport = nodeTransport()
    sockets.clear()
    for (let turn = 0; turn < 4; turn++) {
      const response = await transport.send({ method: 'GET', url, headers: {}, bulk: {} })
      expect(response.status).toBe(307)
      response.discard()
    }
    expect(sockets.size).toBe(2)
    await transport[Symbol.asyncDispose]()
  })
})
