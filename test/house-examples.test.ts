import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../examples/web-app', import.meta.url))

describe('examples/web-app', () => {
  let server: ReturnType<typeof start>
  let address: string

  beforeAll(async () => {
    server = start()
    address = await listening(server)
  })

  afterAll(() => {
    server.kill('SIGKILL')
  })

  it('serves its page, with a type and a name for what it is', async () => {
    const page = await fetch(`${address}/`)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await page.text()).toContain('<title>Notes</title>')
    const again = await fetch(`${address}/`, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
  })

  it('keeps the notes it is given', async () => {
    const posted = await fetch(`${address}/api/notes`, { method: 'POST', body: ' a stave ' })
    expect([posted.status, await posted.json()]).toMatchObject([201, { id: 1, text: 'a stave' }])
    expect(await (await fetch(`${address}/api/notes`)).json()).toHaveLength(1)
    expect((await fetch(`${address}/api/notes`, { method: 'POST', body: ' ' })).status).toBe(400)
  })

  it('serves nothing from above its folder', async () => {
    expect((await fetch(`${address}/%2e%2e%2fserver.js`)).status).toBe(404)
  })

  it('passes its own health check', async () => {
    const env = { ...process.env, PORT: new URL(address).port }
    const [status] = await once(spawn(process.execPath, ['healthcheck.js'], { cwd: folder, env }), 'exit')
    expect(status).toBe(0)
  })

  it('ends with status 0 when it is asked to', async () => {
    const ended = once(server, 'exit')
    server.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

function start() {
  const env = { ...process.env, PORT: '0', HOST: '127.0.0.1' }
  return spawn(process.execPath, ['server.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function listening(server: ReturnType<typeof start>): Promise<string> {
  for await (const line of server.stdout) {
    const found = /listening on (\S+)/.exec(String(line))
    if (found) return `http://${found[1]}`
  }
  throw new Error('the server ended before it listened')
}
