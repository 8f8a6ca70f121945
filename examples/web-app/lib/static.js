import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Answers with a file of `folder`, or 304 to a browser that has it, or 404. */
export async function serveFile(folder, pathname, { request, response }) {
  try {
    // An absolute path has nothing above it, so no `..` is left to climb out of the folder with.
    const path = normalize(
      join('/', decodeURIComponent(pathname), pathname.endsWith('/') ? 'index.html' : ''),
    )
    const body = await readFile(join(folder, path))
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end()
    response.writeHead(200, { etag, 'content-type': types[extname(path)] ?? 'application/octet-stream' })
    response.end(body)
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('not found\n')
  }
}
