import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, openStore, type Store } from '@cooperage/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Loopback, loopback } from '../../../../test/loopback.js'
import { type FetchedFile, type FetchOptions, fetchUrl } from './fetch-url.js'

const root = mkdtempSync(join(tmpdir(), 'cooperage-fetch-'))
let store: Store
let server: Loopback
/** On another port, and so of another origin. */
let other: Loopback
const busy = { left: 0 }
const muddle = { count: 0 }
const WHOLE = 'the whole file\n'

const answers: Record<string, (response: ServerResponse, headers: NodeJS.Dict<string | string[]>) => void> = {
  '/plain': (response) => response.setHeader('last-modified', 'Wed, 21 Oct 2015 07:28:00 GMT').end(WHOLE),
  '/untimed': (response) => response.end('no time'),
  '/tagged': (response, headers) => {
    response.setHeader('etag', '"one"')
    if (headers['if-none-match'] === '"one"') response.writeHead(304).end()
    else response.end('tagged')
  },
  '/weak': (response, headers) => {
    const isKnown = headers['if-none-match'] !== undefined
    response.setHeader('etag', isKnown ? '"weak"' : 'W/"weak"')
    if (isKnown) response.writeHead(304).end()
    else response.end('weak')
  },
  '/muddled': (response, headers) => {
    response.setHeader('etag', headers['if-none-match'] === undefined ? `"${muddle.count++}"` : '"other"')
    if (headers['if-none-match'] === undefined) response.end(`answer ${muddle.count}`)
    else response.writeHead(304).end()
  },
  '/deaf': (response) => response.setHeader('etag', '"deaf"').end('deaf to conditions'),
  '/dated': (response, headers) => {
    response.setHeader('last-modified', 'Wed, 21 Oct 2015 07:28:00 GMT')
    if (headers['if-modified-since'] !== undefined) response.writeHead(304).end()
    else response.end('dated')
  },
  '/gone': (response) => response.writeHead(404).end('no such thing'),
  '/busy': (response) => {
    if (busy.left-- > 0) response.writeHead(503, { 'retry-after': '0' }).end()
    else response.end('at last')
  },
  '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
  '/to-file': (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/to-other': (response) => response.writeHead(307, { location: `${other.origin}/plain` }).end(),
  '/to-user': (response) =>
    response.writeHead(307, { location: `${other.origin.replace('//', '//evil:canary@')}/plain` }).end(),
  '/to-nothing': (response) => response.writeHead(302, { location: 'http://' }).end(),
  '/to-self': (response) => response.writeHead(301, { location: 'plain' }).end(),
  '/endless': (response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  },
  '/huge': (response) => response.writeHead(200, { 'content-length': '99999999999999' }).write('x'),
  '/cut': (response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('only this', () => response.destroy())
  },
  '/cut-chunks': (response) => {
    response.write('only this', () => response.destroy())
  },
  '/gzip': (response) => response.setHeader('content-encoding', 'gzip').end('x'),
  '/mute': () => {},
  '/slow-body': (response) => void response.write('begun'),
  '/hang-up': (response) => response.destroy(),
  '/no-http': (response) => response.socket?.end('SSH-2.0-nothing\r\n'),
}

beforeAll(async () => {
  store = await openStore({ path: join(root, 'store') })
  server = await loopback((request, response) => {
    const answer = answers[request.url ?? '']
    if (answer === undefined) response.writeHead(400).end()
    else answer(response, request.headers)
  })
  other = await loopback((_request, response) => void response.end(WHOLE))
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

function fetchFrom(path: string, options: Partial<FetchOptions> = {}): Promise<FetchedFile> {
  const { blobs, records } = store
  const signal = AbortSignal.timeout(20_000)
  return fetchUrl(server.origin + path, { blobs, records, signal, remote: { timeout: 400 }, ...options })
}

async function blobCount(): Promise<number> {
  let count = 0
  for await (const _ of store.blobs.list()) count++
  return count
}

describe('a download', () => {
  it('is a blob with the time that the server gives', async () => {
    const file = await fetchFrom('/plain')
    expect(file).toMatchObject({
      digest: digestOf(WHOLE),
      size: WHOLE.length,
      mtime: 1_445_412_480,
      isFresh: true,
    })
    expect((await fetchFrom('/untimed')).mtime).toBe(0)
    expect(server.requests.at(-1)?.headers).toMatchObject({ 'accept-encoding': 'identity' })
  })

  it.each(['/tagged', '/dated', '/deaf', '/weak'])(
    'of %s is not received again when it is unchanged',
    async (path) => {
      const first = await fetchFrom(path)
      const second = await fetchFrom(path)
      expect([first.isFresh, second.isFresh]).toEqual([true, false])
      expect({ ...second, isFresh: true }).toEqual(first)
    },
  )

  it('is received again when the server calls something else unchanged', async () => {
    await fetchFrom('/muddled')
    expect(await fetchFrom('/muddled')).toMatchObject({ digest: digestOf('answer 2'), isFresh: true })
  })

  it('is not even asked for when the store has what the checksum names', async () => {
    const { digest } = await fetchFrom('/tagged')
    const asked = server.asked.length
    await fetchFrom('/tagged', { checksum: digest })
    expect(server.asked).toHaveLength(asked)
  })

  it('is tried again when the server is busy', async () => {
    busy.left = 2
    const told: string[] = []
    const { digest } = await fetchFrom('/busy', { onRetry: (message) => told.push(message) })
    expect(digest).toBe(digestOf('at last'))
    expect(told).toHaveLength(2)
  })

  it('reports how far it is', async () => {
    const seen: (number | undefined)[][] = []
    await fetchFrom('/plain', { onProgress: (current, total) => seen.push([current, total]) })
    expect(seen.at(-1)).toEqual([WHOLE.length, WHOLE.length])
  })
})

describe('a server that means harm', () => {
  const wrong = digestOf(randomBytes(8))
  it.concurrent.each([
    ['/gone', 'E_HTTP_STATUS', { status: 404 }],
    ['/loop', 'E_HTTP_REDIRECT', {}],
    ['/to-file', 'E_HTTP_REDIRECT', { target: 'file://' }],
    ['/to-nothing', 'E_HTTP_REDIRECT', {}],
    ['/endless', 'E_LIMIT', { limit: 1_000_000 }],
    ['/huge', 'E_LIMIT', { found: 99_999_999_999_999 }],
    ['/cut', 'E_HTTP_TRUNCATED', {}],
    ['/cut-chunks', 'E_HTTP_TRUNCATED', {}],
    ['/gzip', 'E_HTTP_ENCODING', {}],
    ['/mute', 'E_HTTP_TIMEOUT', {}],
    ['/slow-body', 'E_HTTP_TIMEOUT', {}],
    ['/hang-up', 'E_HTTP_CONNECT', {}],
    ['/no-http', 'E_HTTP_CONNECT', {}],
  ])('with %s gives %s, and nothing is kept', { timeout: 30_000 }, async (path, code, data) => {
    const before = await blobCount()
    const failure = fetchFrom(path, { remote: { timeout: 300, maxBytes: 1_000_000 } })
    await expect(failure).rejects.toMatchObject({ code, category: 'network', data })
    expect(await blobCount()).toBe(before)
  })

  it.each([wrong, `sha512:${'0'.repeat(128)}`, `sha384:${'0'.repeat(96)}`])(
    'with other bytes than %s is found out before they are visible',
    async (checksum) => {
      const before = await blobCount()
      const refused = fetchUrl(`${other.origin}/${checksum}`, {
        blobs: store.blobs,
        remote: {},
        checksum,
        signal: AbortSignal.timeout(5000),
      })
      await expect(refused).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH', data: { expected: checksum } })
      expect(await blobCount()).toBe(before)
    },
  )

  it('cannot pass an old download for one with a checksum', async () => {
    await fetchFrom('/tagged')
    await expect(fetchFrom('/tagged', { checksum: wrong })).rejects.toMatchObject({
      code: 'E_DIGEST_MISMATCH',
    })
    const long = `sha512:${'0'.repeat(128)}`
    await expect(fetchFrom('/tagged', { checksum: long })).rejects.toMatchObject({
      code: 'E_DIGEST_MISMATCH',
    })
  })

  it.each(['/to-other', '/to-user'])(
    'that redirects by %s gets no credentials for another origin',
    async (path) => {
      const { blobs } = store
      const url = `${server.origin.replace('//', '//me:canary@')}${path}`
      await fetchUrl(url, { blobs, remote: {}, signal: AbortSignal.timeout(5000) })
      expect(server.requests.at(-1)?.headers.authorization).toBe(`Basic ${btoa('me:canary')}`)
      expect(other.requests.at(-1)?.headers.authorization).toBeUndefined()
      expect(JSON.stringify(other.requests.at(-1)?.rawHeaders)).not.toMatch(/canary/)
    },
  )

  it('sees credentials of its own origin after a redirect to itself', async () => {
    const url = `${server.origin.replace('//', '//me:canary@')}/to-self`
    await fetchUrl(url, { blobs: store.blobs, remote: {}, signal: AbortSignal.timeout(5000) })
    expect(server.requests.at(-1)?.url).toBe('/plain')
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Basic ${btoa('me:canary')}`)
  })
})

describe('a fetch', () => {
  it('ends when it is aborted', async () => {
    const controller = new AbortController()
    const fetching = fetchFrom('/endless', { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(fetching).rejects.toThrow('enough')
  })

  it('names no secret of a URL in its errors', async () => {
    const url = `${server.origin.replace('//', '//me:canary@')}/gone?token=canary`
    const error = await fetchUrl(url, {
      blobs: store.blobs,
      remote: {},
      signal: AbortSignal.timeout(5000),
    }).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'E_HTTP_STATUS' })
    expect(JSON.stringify([error, String(error)])).not.toContain('canary')
  })

  it.each(['http://', 'http://a:b:c/', 'ftp://host/x'])('of %s is refused', async (url) => {
    const fetching = fetchUrl(url, { blobs: store.blobs, remote: {}, signal: AbortSignal.timeout(5000) })
    await expect(fetching).rejects.toMatchObject({ code: 'E_HTTP_URL' })
  })
})
