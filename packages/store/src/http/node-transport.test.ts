import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeTransport } from './node-transport.js'
import type { Transport, TransportRequest } from './transport.js'
import { TransportFailure } from './transport-failure.js'

const servers: Server[] = []
const transports: Transport[] = []
afterEach(async () => {
  for (const transport of transports.splice(0)) await transport[Symbol.asyncDispose]()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

function make(options: Parameters<typeof nodeTransport>[0] = {}): Transport {
  const transport = nodeTransport(options)
  transports.push(transport)
  return transport
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const get = (url: URL, more: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'GET',
  url,
  headers: {},
  ...more,
})

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(size, index)
}

describe('the transport', () => {
  it('sends and receives bytes as they are, on one connection', async () => {
    const sockets = new Set<Socket>()
    const seen: [string | undefined, number][] = []
    const url = await serve(async (message, response) => {
      sockets.add(message.socket)
      let size = 0
      for await (const chunk of message) size += (chunk as Buffer).length
      seen.push([message.headers['content-length'], size])
      response.setHeader('content-encoding', 'gzip').setHeader('x-two', ['a', 'b']).end('not gzip')
    })
    const transport = make()
    for (const body of [undefined, Buffer.from('four'), pieces(5, 100_000)]) {
      const length = body instanceof Uint8Array || body === undefined ? {} : { 'content-length': '500000' }
      const {
        status,
        headers,
        body: answer,
      } = await transport.send(
        get(url, { method: body === undefined ? 'GET' : 'PUT', headers: length, ...(body && { body }) }),
      )
      expect([status, headers['content-encoding'], headers['x-two']]).toEqual([200, 'gzip', 'a, b'])
      expect(await text(answer)).toBe('not gzip')
    }
    expect(seen).toEqual([
      [undefined, 0],
      ['4', 4],
      ['500000', 500_000],
    ])
    expect(sockets.size).toBe(1)
  })

  it('asks again at once when a connection that was kept is gone', async () => {
    let count = 0
    const url = await serve((message, response) => {
      if (++count === 2) message.socket.destroy()
      else response.end(String(count))
    })
    const transport = make()
    for (const wanted of ['1', '3']) expect(await text((await transport.send(get(url))).body)).toBe(wanted)
    expect(count).toBe(3)
  })

  it('asks again where what came late of one answer was taken for the next, unless something is written', async () => {
    let connections = 0
    const server = createTcpServer((socket) => {
      const number = ++connections
      let late = ''
      socket.on('error', () => {})
      socket.on('data', (asked) => {
        const isHead = asked.toString('latin1').startsWith('HEAD')
        socket.write(`${late}HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n${isHead ? '' : `of${number}`}`)
        late = isHead ? 'of?' : ''
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const transport = make()
    const head = async () => {
      expect(await text((await transport.send(get(url, { method: 'HEAD' }))).body)).toBe('')
      // The connection can serve again a little later.
      await new Promise(setImmediate)
    }
    await head()
    expect(await text((await transport.send(get(url))).body)).toBe('of2')
    await head()
    await expect(transport.send(get(url, { method: 'POST' }))).rejects.toMatchObject({ kind: 'protocol' })
    expect(connections).toBe(3)
    server.close()
  })

  it('hears an answer that comes before all is sent, and stops sending', async () => {
    let ended = false
    const url = await serve((_, response) => void response.writeHead(413).end('too much'))
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(1 << 20)
      } finally {
        ended = true
      }
    }
    const transport = make()
    const sending = get(url, {
      method: 'PUT',
      headers: { 'content-length': String(2 ** 40) },
      body: endless(),
    })
    const response = await transport.send(sending)
    expect([response.status, await text(response.body)]).toEqual([413, 'too much'])
    await expect.poll(() => ended).toBe(true)
  })

  it('ends what is sent when the connection breaks, or was never there', async () => {
    let ended = 0
    async function* counted(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(1 << 20)
      } finally {
        ended++
      }
    }
    const url = await serve((message) => void setTimeout(() => message.socket.destroy(), 20))
    const transport = make()
    const headers = { 'content-length': String(2 ** 40) }
    for (const [target, kind] of [
      [url, 'reset'],
      [new URL('http://127.0.0.1:1/'), 'connect'],
    ] as const) {
      const failure = transport.send(get(target, { method: 'PUT', headers, body: counted() }))
      await expect(failure).rejects.toMatchObject({ kind })
    }
    await expect.poll(() => ended).toBe(2)
  })

  it('passes on what the body throws, and lets the server go', async () => {
    let aborted = false
    const url = await serve(
      (message) =>
        void message
          .on('error', () => {})
          .on('close', () => (aborted = true))
          .resume(),
    )
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(1000)
      throw new Error('no more')
    }
    const headers = { 'content-length': '2000' }
    const sending = make().send(get(url, { method: 'PUT', headers, body: broken() }))
    await expect(sending).rejects.toThrow('no more')
    await expect.poll(() => aborted).toBe(true)
  })

  it.each([
    ['connect', 'connect'],
    ['head', 'head'],
    ['stall', 'body'],
    ['stall', 'send'],
  ] as const)('gives up after %s, in the phase %s', async (timeout, phase) => {
    const url = await serve((message, response) => {
      if (phase === 'body') response.writeHead(200, { 'content-length': '10' }).write('half')
      else if (phase === 'send') message.pause()
    })
    // A server that never takes the connection off its queue; the handshake of TLS is never answered.
    const silent = createTcpServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const target = phase === 'connect' ? new URL(`https://127.0.0.1:${port}/`) : url
    const transport = make({ timeouts: { [timeout]: 150 } })
    const isSending = phase === 'send'
    const sending = isSending
      ? { method: 'PUT', headers: { 'content-length': String(2 ** 30) }, body: pieces(1024, 1 << 20) }
      : {}
    const failure = (async () => text((await transport.send(get(target, sending))).body))()
    await expect(failure).rejects.toMatchObject({
      kind: 'timeout',
      phase,
      message: expect.stringContaining('0.15 seconds'),
    })
    silent.close()
  })

  it('does not count the time that the source of a body takes', async () => {
    const url = await serve(async (message, response) => {
      for await (const _ of message);
      response.end('all')
    })
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < 3; piece++) {
        await new Promise((resolve) => setTimeout(resolve, 150))
        yield Buffer.alloc(1000)
      }
    }
    const headers = { 'content-length': '3000' }
    const sending = get(url, { method: 'PUT', headers, body: slow() })
    const { body } = await make({ timeouts: { stall: 100 } }).send(sending)
    expect(await text(body)).toBe('all')
  })

  it('does not count the time that its reader takes', async () => {
    const url = await serve((_, response) => void response.end(Buffer.alloc(300_000)))
    const { body } = await make({ timeouts: { stall: 100 } }).send(get(url))
    let size = 0
    for await (const chunk of body) {
      size += chunk.byteLength
      await new Promise((resolve) => setTimeout(resolve, 150))
      if (size > 100_000) break
    }
    expect(size).toBeGreaterThan(100_000)
  })

  it('ends by its signal in every phase', async () => {
    const url = await serve((message, response) => {
      if (message.url === '/body') response.writeHead(200).write('x')
    })
    for (const path of ['/head', '/body']) {
      const controller = new AbortController()
      setTimeout(() => controller.abort(new Error('enough')), 50)
      const { signal } = controller
      const failure = (async () => text((await make().send(get(new URL(path, url), { signal }))).body))()
      await expect(failure).rejects.toThrow('enough')
    }
    const { signal } = { signal: AbortSignal.abort(new Error('before')) }
    await expect(make().send(get(url, { signal }))).rejects.toThrow('before')
  })

  it('does not switch to another protocol', async () => {
    const url = await serve(() => {})
    servers.at(-1)!.on('request', (message: IncomingMessage) => {
      message.socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
    })
    await expect(make().send(get(url))).rejects.toMatchObject({ kind: 'protocol' })
  })
})

describe('a proxy', () => {
  it('is sent the whole URL for http, with what it needs to know and nothing that the server is told', async () => {
    const asked: IncomingMessage[] = []
    const proxy = await serve((message, response) => {
      asked.push(message)
      response.end('through')
    })
    const environment = { http_proxy: proxy.href.replace('//', '//me:secret@') }
    const response = await make({ environment }).send(get(new URL('http://registry.example:81/v2/?x=y')))
    expect(await text(response.body)).toBe('through')
    expect(asked[0]!.url).toBe('http://registry.example:81/v2/?x=y')
    expect(asked[0]!.headers).toMatchObject({
      host: 'registry.example:81',
      'proxy-authorization': `Basic ${btoa('me:secret')}`,
    })
  })

  it('that wants to know who asks is no server that does', async () => {
    const proxy = await serve((_, response) => void response.writeHead(407).end('<html>'))
    const environment = { http_proxy: proxy.href.replace('//', '//me:secret@') }
    const asked = make({ environment }).send(get(new URL('http://registry.example/v2/')))
    await expect(asked).rejects.toMatchObject({
      kind: 'proxy',
      url: proxy.href,
      message: expect.stringContaining('407'),
    })
    const server = await serve((_, response) => void response.writeHead(407).end())
    expect((await make({ environment }).send(get(server))).status).toBe(407)
  })

  it('opens a tunnel for https, and hears nothing of what passes', async () => {
    const targets: (string | undefined)[] = []
    const proxy = await serve(() => {})
    servers.at(-1)!.on('connect', (message: IncomingMessage, socket: Socket) => {
      targets.push(message.url)
      const far = connect(Number(message.url!.split(':').at(-1)), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        far.pipe(socket).pipe(far)
      })
      far.on('error', () => socket.destroy())
      socket.on('error', () => far.destroy())
    })
    // No TLS behind it: that the handshake fails there shows that it was the server's.
    const server = await serve((_, response) => void response.end())
    const environment = { HTTPS_PROXY: proxy.href }
    const url = new URL(`https://registry.example:${server.port}/`)
    await expect(make({ environment }).send(get(url))).rejects.toBeInstanceOf(TransportFailure)
    await expect(make({ environment }).send(get(url))).rejects.toMatchObject({
      kind: expect.stringMatching(/^(tls|reset)$/),
    })
    expect(targets[0]).toBe(`registry.example:${server.port}`)
  })
})
