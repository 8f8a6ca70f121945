import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolvConf } from './resolv-conf.js'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resolv-conf-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function paths(usual?: string, behindResolved?: string) {
  const texts = { usual, behindResolved }
  const found = { usual: join(directory, 'none'), behindResolved: join(directory, 'none') }
  for (const name of ['usual', 'behindResolved'] as const) {
    if (texts[name] === undefined) continue
    found[name] = join(directory, name)
    await writeFile(found[name], texts[name])
  }
  return found
}

const STUB = '# made by systemd-resolved\nnameserver 127.0.0.53\noptions edns0\n'
const REAL = 'nameserver 192.0.2.1\nsearch example.org\n'

it('names the servers behind systemd-resolved', async () => {
  expect(await resolvConf('default', await paths(STUB, REAL))).toBe(REAL)
  expect(await resolvConf('host', await paths(STUB, REAL))).toBe(STUB)
})

it.each([
  ['another server on a loopback address', 'nameserver 127.0.0.1\n', REAL],
  ['another server besides', 'nameserver 127.0.0.53\nnameserver 192.0.2.7\n', REAL],
  ['no server', 'search example.org\n', REAL],
  ['no server behind it', STUB, 'search example.org\n'],
  ['nothing behind it', STUB, undefined],
])('is the one of this machine with %s', async (_name, usual, behind) => {
  expect(await resolvConf('default', await paths(usual, behind))).toBe(usual)
})

it('is empty without one', async () => {
  expect(await resolvConf('default', await paths())).toBe('')
})
