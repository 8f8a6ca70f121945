import { execFile, execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Loopback, loopback } from './loopback.js'
import { rivalCommand } from './rival-tools.js'
import { tarListing } from './tar-listing.js'
import { tarOf } from './tar-of.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('add-url')
const docker = rivalCommand()
const BIG = randomBytes(3_000_000)
const ARCHIVE = gzipSync(
  tarOf([{ name: 'in/file', content: 'unpacked\n', mode: 0o640, uid: 5, gid: 6, mtime: 1_600_000_000 }]),
)
const BODIES: Readonly<Record<string, Buffer>> = { '/big.bin': BIG, '/a.tgz': ARCHIVE }
let server: Loopback

beforeAll(async () => {
  server = await loopback(({ url = '' }, response) => {
    if (url.startsWith('/dated')) response.setHeader('last-modified', 'Wed, 21 Oct 2015 07:28:00 GMT')
    response.setHeader('content-disposition', 'attachment; filename="../../evil"')
    response.end(BODIES[url] ?? 'hello\n')
  })
})

let builds = 0

/** Builds with a store of its own unless told otherwise. What the image holds, or what was said. */
async function built(dockerfile: string, options: { home?: string; env?: Record<string, string> } = {}) {
  const name = `build-${builds++}`
  const context = space.folder(name, { Dockerfile: `FROM scratch\n${dockerfile}`, 'local.txt': 'local\n' })
  const home = options.home ?? space.path(`home-${name}`)
  const run = await space.run(['build', '-o', `type=tar,dest=${name}.tar`, context], {
    env: { HOME: home, ...options.env },
  })
  const rows = run.code === 0 ? await tarListing(space.path(`${name}.tar`)) : {}
  return { ...run, rows, context, home }
}

const sha = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
const HELLO = sha('hello\n').slice(0, 12)

describe('ADD of a URL', () => {
  it('gives a file of mode 0600 with the time and the name that the URL has', async () => {
    const { rows, stderr } = await built(
      `ADD ${server.origin}/dated/a%20b ${server.origin}/plain ${server.origin} local.txt /d/\nADD --chown=3:4 --chmod=755 ${server.origin}/x /y\n`,
    )
    expect(rows, stderr).toEqual({
      d: 'directory 755 0:0',
      'd/a b': `file 600 0:0 1445412480 ${HELLO}`,
      'd/plain': `file 600 0:0 0 ${HELLO}`,
      'd/__unnamed__': `file 600 0:0 0 ${HELLO}`,
      'd/local.txt': expect.stringMatching(/^file 644 0:0 /),
      y: `file 755 3:4 0 ${HELLO}`,
    })
  })

  it('leaves an archive as it is, and unpacks it when asked to', async () => {
    const url = `${server.origin}/a.tgz`
    const { rows } = await built(`ADD ${url} /as-is/\nADD --unpack=true ${url} /unpacked/\n`)
    expect(rows).toMatchObject({
      'as-is/a.tgz': `file 600 0:0 0 ${sha(ARCHIVE).slice(0, 12)}`,
      'unpacked/in/file': `file 640 5:6 1600000000 ${sha('unpacked\n').slice(0, 12)}`,
    })
  })

  it('builds when the checksum is right, and refuses other bytes with both digests, cached or not', async () => {
    const good = await built(`ADD --checksum=sha256:${sha(BIG)} ${server.origin}/big.bin /\n`)
    expect(good.rows).toHaveProperty('big\u002ebin')
    const bad = await built(`ADD --checksum=sha256:${sha('x')} ${server.origin}/big.bin /\n`, {
      home: good.home,
    })
    expect(bad.code).toBe(3)
    expect(bad.stderr).toContain('E_DIGEST_MISMATCH')
    expect(bad.stderr).toContain(sha(BIG))
  })

  it('is cached while the server has the same, and made anew when it has not', async () => {
    let body = 'first'
    const changing = await loopback((request, response) => {
      response.setHeader('etag', `"${body}"`)
      if (request.headers['if-none-match'] === `"${body}"`) response.writeHead(304).end()
      else response.end(body)
    })
    const dockerfile = `ADD ${changing.origin}/f /\n`
    const first = await built(dockerfile)
    const again = await built(dockerfile, { home: first.home })
    expect(again.stderr).toContain('1 of 1 steps from the cache')
    body = 'second'
    const { rows } = await built(dockerfile, { home: first.home })
    expect(rows.f).toContain(sha('second').slice(0, 12))
  })

  it('fetches again what the store holds damaged', async () => {
    const tagged = await loopback((request, response) => {
      response.setHeader('etag', '"x"')
      if (request.headers['if-none-match'] === '"x"') response.writeHead(304).end()
      else response.end('sound')
    })
    const { home } = await built(`ADD ${tagged.origin}/f /one\n`)
    const [algorithm, hex] = ['sha256', sha('sound')]
    const blobs = join(storeOf(home), 'blobs', algorithm)
    const found = readdirSync(blobs, { recursive: true, encoding: 'latin1' }).find((name) =>
      name.endsWith(hex),
    )
    execFileSync('chmod', ['u+w', join(blobs, found!)])
    writeFileSync(join(blobs, found!), 'unsou')
    const { rows, stderr } = await built(`ADD ${tagged.origin}/f /two\n`, { home })
    expect(rows.two, stderr).toContain(sha('sound').slice(0, 12))
  })

  it('says which line could not be fetched', async () => {
    const gone = await loopback((_request, response) => void response.writeHead(404).end())
    const { code, stderr } = await built(`ADD ${gone.origin}/f /\n`)
    expect(code).toBe(3)
    expect(stderr).toContain('E_HTTP_STATUS')
    expect(stderr).toMatch(/Dockerfile:2/)
  })

  it.skipIf(docker === undefined)('gives what BuildKit gives', async () => {
    const { rows, context } = await built(
      [
        `ADD ${server.origin}/dated/a%20b ${server.origin}/plain ${server.origin}/ /d/`,
        `ADD --chown=3:4 --chmod=755 ${server.origin}/dated/x /y`,
        `ADD --link ${server.origin}/q?x=/y /l/m`,
        `ADD ${server.origin}/a.tgz /t/`,
        `ADD --checksum=sha256:${sha(BIG)} ${server.origin}/big.bin /b/`,
        '',
      ].join('\n'),
    )
    const dest = space.path('docker.tar')
    // Not synchronously: the server that it asks is in this process.
    const [command, ...first] = docker!
    await promisify(execFile)(command, [
      ...first,
      'buildx',
      'build',
      '--network',
      'host',
      '-o',
      `type=tar,dest=${dest}`,
      context,
    ])
    expect(rows).toEqual(await tarListing(dest))
  })
})

describe('ADD of a URL by way of a proxy', () => {
  it('sends plain requests to it whole, with its user', async () => {
    const proxy = await loopback((_request, response) => void response.end('by proxy'))
    const HTTP_PROXY = proxy.origin.replace('//', '//user:word@')
    const { rows, stderr } = await built('ADD http://far.invalid/f?x /\n', { env: { HTTP_PROXY } })
    expect(rows.f, stderr).toContain(sha('by proxy').slice(0, 12))
    expect(proxy.asked).toEqual(['GET http://far.invalid/f?x'])
    const { host, 'proxy-authorization': user } = proxy.requests[0]!.headers
    expect([host, user]).toEqual(['far.invalid', `Basic ${btoa('user:word')}`])
  })

  it('lets it connect for https, trusts NODE_EXTRA_CA_CERTS, and goes on by http for nobody', async () => {
    const key = space.path('key.pem')
    const cert = space.path('cert.pem')
    const subject = ['-subj', '/CN=far.invalid', '-addext', 'subjectAltName=DNS:far.invalid']
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ],
      { stdio: 'ignore' },
    )
    expect(existsSync(cert)).toBe(true)
    const tls = await loopback(
      ({ url }, response) => {
        if (url === '/down') response.writeHead(302, { location: `${server.origin}/x` }).end()
        else response.end('secret way')
      },
      { key: readFileSync(key), cert: readFileSync(cert) },
    )
    const proxy = await loopback(() => {})
    proxy.server.on('connect', (request, socket) => {
      proxy.asked.push(`CONNECT ${request.url}`)
      const far = connect(Number(new URL(tls.origin).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 go on\r\n\r\n')
        socket.pipe(far).pipe(socket)
      })
      for (const end of [far, socket]) end.on('error', () => {})
    })
    const env = { HTTPS_PROXY: proxy.origin, NODE_EXTRA_CA_CERTS: cert }
    const { rows, stderr } = await built('ADD https://far.invalid/f /\n', { env })
    expect(rows.f, stderr).toContain(sha('secret way').slice(0, 12))
    expect(proxy.asked).toEqual(['CONNECT far.invalid:443'])
    const down = await built('ADD https://far.invalid/down /\n', { env })
    expect(down.stderr).toContain('E_HTTP_REDIRECT')
    const distrust = await built('ADD https://far.invalid/f /\n', { env: { HTTPS_PROXY: proxy.origin } })
    expect(distrust.stderr).toMatch(/E_HTTP_CONNECT[\s\S]*NODE_EXTRA_CA_CERTS/)
  })
})
