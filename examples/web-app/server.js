// A list of notes: an API, the page that shows it, a health check, an orderly end. Node's own modules only.
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createNotes } from './lib/notes.js'
import { serveFile } from './lib/static.js'

const pages = fileURLToPath(new URL(process.env.PAGES ?? './public/', import.meta.url))
const notes = createNotes({ limit: Number(process.env.NOTES_LIMIT ?? 100) })

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/health') return send(response, 200, { status: 'ok', notes: notes.all().length })
  if (pathname === '/api/notes') return api(request, response)
  return serveFile(pages, pathname, { request, response })
})

function api(request, response) {
  if (request.method === 'GET') return send(response, 200, notes.all())
  if (request.method !== 'POST') return send(response, 405, { error: 'GET or POST' })
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk) => {
    body += chunk
    if (body.length > 10_000) request.destroy()
  })
  request.on('end', () => {
    const result = notes.add(body)
    send(response, result.error ? 400 : 201, result)
  })
}

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(`${JSON.stringify(value)}\n`)
}

server.listen(Number(process.env.PORT ?? 8080), process.env.HOST, () => {
  const { address, port } = server.address()
  console.log(`listening on ${address}:${port}`)
})

// A container's first process gets no default handler for SIGTERM: without this, every stop would wait for the kill.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.close(() => process.exit(0)))
