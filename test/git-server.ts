import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Loopback, loopback } from './loopback.js'

/** Runs git on this machine with an author and a time that are always the same. */
export function git(directory: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: directory,
    encoding: 'utf8',
    stdio: 'pipe',
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@a',
      GIT_AUTHOR_DATE: '1600000000 +0000',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@a',
      GIT_COMMITTER_DATE: '1600000000 +0000',
    },
  }).trim()
}

/** Writes the files, commits them, and answers with the commit's name. */
export function commit(directory: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  git(directory, 'add', '--all')
  git(directory, 'commit', '--quiet', '--allow-empty', '-m', 'a commit')
  return git(directory, 'rev-parse', 'HEAD')
}

/** The repositories below a folder over http, as `git http-backend` (a CGI program) serves them. */
export function gitServer(
  root: string,
  options: {
    readonly user?: string
    readonly delay?: number
    /** Paths that begin with the first are redirected to the second. */
    readonly moved?: readonly [string, string]
    readonly onRequest?: () => void
  } = {},
): Promise<Loopback> {
  return loopback((request, response) => {
    const allowed = options.user === undefined ? undefined : `Basic ${btoa(options.user)}`
    if (allowed !== undefined && request.headers.authorization !== allowed) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return
    }
    options.onRequest?.()
    const [from = '', to = ''] = options.moved ?? []
    if (from !== '' && request.url?.startsWith(from)) {
      response.writeHead(301, { location: to + request.url.slice(from.length) }).end()
      return
    }
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    request.pipe(backend.stdin)
    backend.stdin.on('error', () => {})
    let head = Buffer.alloc(0)
    const onHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      backend.stdout.off('data', onHead)
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const [name = '', value = ''] = line.split(/: (.*)/s)
        if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10)
        else response.setHeader(name, value)
      }
      response.write(head.subarray(end + 4))
      // The end comes late, not the rest.
      backend.stdout.on('data', (rest: Buffer) => response.write(rest))
      backend.stdout.once('end', () => setTimeout(() => response.end(), options.delay ?? 0))
    }
    backend.stdout.on('data', onHead)
    response.on('close', () => backend.kill())
  })
}
