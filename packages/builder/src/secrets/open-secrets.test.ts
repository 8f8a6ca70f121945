import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { openSecrets } from './open-secrets.js'
import { openSsh } from './open-ssh.js'
import { MAX_SECRET_BYTES } from './secret.js'
import { secretEnv } from './secret-env.js'
import { secretFile } from './secret-file.js'

const root = mkdtempSync(join(tmpdir(), 'cooperage-secrets-'))
const at = (name: string) => join(root, name)
afterAll(() => rmSync(root, { recursive: true, force: true }))

writeFileSync(at('token'), 'canary\n')
symlinkSync('token', at('link'))
writeFileSync(at('full'), Buffer.alloc(MAX_SECRET_BYTES, 1))
writeFileSync(at('over'), Buffer.alloc(MAX_SECRET_BYTES + 1, 1))

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString()

describe('secrets', () => {
  it('are given by id, byte for byte, wherever they come from', async () => {
    const source = await openSecrets({
      file: secretFile(at('token')),
      link: secretFile(at('link')),
      variable: secretEnv('vari\u00e9'),
      none: secretEnv(''),
      bytes: Uint8Array.of(0, 255),
      full: secretFile(at('full')),
    })
    expect(text(await source.get('file'))).toBe('canary\n')
    expect(text(await source.get('link'))).toBe('canary\n')
    expect(text(await source.get('variable'))).toBe('vari\u00e9')
    expect(text(await source.get('none'))).toBe('')
    expect([...(await source.get('bytes'))!]).toEqual([0, 255])
    expect((await source.get('full'))!.length).toBe(MAX_SECRET_BYTES)
    for (const id of ['', 'nobody', 'constructor', '__proto__']) expect(await source.get(id)).toBeUndefined()
  })

  it('are read when first needed, and once', async () => {
    writeFileSync(at('late'), 'early')
    const source = await openSecrets({ late: secretFile(at('late')) })
    writeFileSync(at('late'), 'first')
    expect(text(await source.get('late'))).toBe('first')
    writeFileSync(at('late'), 'second')
    expect(text(await source.get('late'))).toBe('first')
  })

  it('may come through a pipe, which several builds share', async () => {
    execFileSync('mkfifo', [at('pipe')])
    const loader = secretFile(at('pipe'))
    const sources = [await openSecrets({ pipe: loader }), await openSecrets({ pipe: loader })]
    const writer = spawn('sh', ['-c', `printf canary > '${at('pipe')}'`], { stdio: 'ignore' })
    for (const source of sources) expect(text(await source.get('pipe'))).toBe('canary')
    if (writer.exitCode === null) await new Promise((resolve) => writer.once('exit', resolve))
  })

  it('may come from a process of the shell, be it nothing', async () => {
    for (const [command, expected] of [
      ['printf canary; sleep 0.2; printf more', 'canarymore'],
      ['true', ''],
    ] as const) {
      const shell = spawn('bash', ['-c', `exec 9< <(${command}); exec sleep 30`], { stdio: 'ignore' })
      const path = `/proc/${shell.pid}/fd/9`
      while (!existsSync(path)) await setTimeout(10)
      const source = await openSecrets({ a: secretFile(path) })
      expect(text(await source.get('a'))).toBe(expected)
      shell.kill()
    }
  })

  it('that nobody writes can be waited for no longer', async () => {
    execFileSync('mkfifo', [at('mute')])
    const source = await openSecrets({ mute: secretFile(at('mute')) })
    const waiting = source.get('mute', AbortSignal.timeout(100))
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it.each([
    [{ '': secretEnv('x') }, 'E_SECRET_ID'],
    [{ a: secretEnv(undefined) }, 'E_SECRET_MISSING'],
    [{ a: secretFile(at('nothing')) }, 'E_SECRET_MISSING'],
    [{ a: secretFile(at('token/x')) }, 'E_SECRET_MISSING'],
    [{ a: secretFile(root) }, 'E_SECRET_FILE'],
    [{ a: secretFile(at('over')) }, 'E_SECRET_SIZE'],
    [{ a: new Uint8Array(MAX_SECRET_BYTES + 1) }, 'E_SECRET_SIZE'],
  ])('that cannot be had fail before anything else: %#', async (secrets, code) => {
    await expect(openSecrets(secrets as never)).rejects.toMatchObject({ code, category: 'user' })
  })

  it('that grow, or vanish, between check and use fail then', async () => {
    const source = await openSecrets({ zero: secretFile('/dev/zero'), gone: secretFile(at('late')) })
    await expect(source.get('zero')).rejects.toMatchObject({ code: 'E_SECRET_SIZE' })
    rmSync(at('late'))
    await expect(source.get('gone')).rejects.toMatchObject({ code: 'E_SECRET_MISSING' })
    writeFileSync(at('late'), 'back')
    expect(text(await source.get('gone'))).toBe('back')
  })

  it('that cannot be read fail when needed', async () => {
    // Its address 0 is mapped nowhere, so that root cannot read it either.
    const source = await openSecrets({ closed: secretFile('/proc/self/mem') })
    await expect(source.get('closed')).rejects.toMatchObject({ code: 'E_SECRET_FILE' })
  })

  it('show nowhere when the source is printed', async () => {
    const source = await openSecrets({ a: secretEnv('canary'), b: Buffer.from('canary') })
    await Promise.all([source.get('a'), source.get('b')])
    expect(inspect(source, { depth: 9, showHidden: true }) + JSON.stringify(source)).not.toMatch(
      /canary|99, 97/,
    )
  })
})

describe('agents', () => {
  it('are a socket or keys, with absolute paths', async () => {
    const server = createServer().listen(at('socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      const source = await openSsh({ default: [at('socket')], keys: [at('token'), at('link')] })
      expect(source.get('default')).toEqual({ kind: 'socket', path: at('socket') })
      expect(source.get('keys')).toEqual({ kind: 'keys', paths: [at('token'), at('link')] })
      expect(source.get('other')).toBeUndefined()
      for (const paths of [[], [at('socket'), at('token')], [at('socket'), at('socket')]])
        await expect(openSsh({ a: paths })).rejects.toMatchObject({ code: 'E_SSH_MIXED' })
    } finally {
      server.close()
    }
  })

  it.each([[['/nothing']], [[root]]])('that are not there are refused: %j', async (paths) => {
    await expect(openSsh({ a: paths })).rejects.toMatchObject({ code: 'E_SSH_MISSING' })
  })
})
