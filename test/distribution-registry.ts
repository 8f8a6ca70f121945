import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer as createSocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { atEndOfFile } from './end-of-file.js'

/** docker-registry in a process of its own, on a free port of 127.0.0.1. */
export interface DistributionRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  stop(): Promise<void>
  /** Again, with the same content, on the same port. */
  start(): Promise<void>
}

export interface DistributionOptions {
  /** A line of htpasswd with bcrypt: then nobody else gets in. */
  readonly htpasswd?: string
  /** Paths of PEM files. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
  /** Where it sends whoever has no token, and whose tokens it believes. */
  readonly token?: {
    readonly realm: string
    readonly service: string
    readonly issuer: string
    readonly certFile: string
  }
  /** With it, what it tells clients of an upload holds after a restart. */
  readonly secret?: string
}

/** Starts an empty registry; it ends with the test file. */
export async function distributionRegistry(options: DistributionOptions = {}): Promise<DistributionRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'cooper-distribution-'))
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const { htpasswd, tls, token, secret } = options
  const config = join(folder, 'config.yml')
  mkdirSync(join(folder, 'data'))
  if (htpasswd !== undefined) writeFileSync(join(folder, 'users'), `${htpasswd}\n`)
  // JSON is YAML too.
  const document = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: {
      addr: host,
      ...(secret !== undefined && { secret }),
      ...(tls !== undefined && { tls: { certificate: tls.certFile, key: tls.keyFile } }),
    },
    ...(htpasswd !== undefined && { auth: { htpasswd: { realm: 'test', path: join(folder, 'users') } } }),
    ...(token !== undefined && {
      auth: {
        token: {
          realm: token.realm,
          service: token.service,
          issuer: token.issuer,
          rootcertbundle: token.certFile,
        },
      },
    }),
  }
  writeFileSync(config, JSON.stringify(document))
  let child: ChildProcess | undefined
  const stop = async () => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }
  const start = async () => {
    child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
    await listening(port)
  }
  atEndOfFile(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return { host, stop, start }
}

async function freePort(): Promise<number> {
  const server = createSocketServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listening(port: number): Promise<void> {
  for (let tried = 0; tried < 400; tried++) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isThere) return
    await setTimeout(50)
  }
  throw new Error('docker-registry does not start')
}
