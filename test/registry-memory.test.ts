import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { addImage, startLoopbackRegistry } from '@cooperage/store/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { compileStore } from './compiled-store.js'
import { distributionRegistry } from './distribution-registry.js'
import { hasTool } from './rival-tools.js'
import { workspace } from './workspace.js'

const space = workspace('registry-memory')
const compiled = compileStore()
afterAll(() => compiled.remove())
const MiB = 1 << 20

/** A program that nobody ends: kept connections and idle threads must not keep it alive. */
const PROGRAM = `
import { readFileSync, readdirSync } from 'node:fs'
import { openStore } from '${compiled.entry}'
import { createRegistryClient, storeContent } from '${join(compiled.directory, 'out/registry/index.js')}'
import { parseReference } from '${join(compiled.directory, 'out/registry/reference.js')}'
import { patternBytes } from '${join(compiled.directory, 'out/testing/index.js')}'
const [, , what, path, name, count, size] = process.argv
const store = await openStore({ path, durability: 'none' })
const reference = parseReference(name)
const client = createRegistryClient({ environment: process.env })
const platforms = [{ os: 'linux', architecture: 'amd64' }]
if (what === 'make') {
  const layers = []
  for (let index = 0; index < Number(count); index++) {
    const writer = await store.blobs.writer()
    for (let at = 0; at < Number(size); at += 1 << 20) await writer.write(patternBytes(1 << 20, index * 1000 + at))
    const { digest, size: length } = await writer.commit()
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: length })
  }
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
  const config = await store.blobs.put(Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs })))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = { schemaVersion: 2, mediaType, config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config }, layers }
  const root = { mediaType, ...(await store.blobs.put(Buffer.from(JSON.stringify(manifest)))) }
  await store.refs.set('root', { descriptor: root, created: 0 })
} else if (what === 'push') {
  const { descriptor: root } = await store.refs.get('root')
  await client.push(reference, { root, content: storeContent(store.blobs) })
} else if (what === 'copy') {
  const to = parseReference(count)
  await client.copy(reference, to)
} else {
  await client.pull(reference, { store: store.blobs, records: store.records, platforms })
}
const status = readFileSync('/proc/self/status', 'utf8')
console.log(/VmHWM:\\s*(\\d+) kB/.exec(status)[1])
`
const program = space.path('program.mjs')
writeFileSync(program, PROGRAM)

function begin(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Peak of resident memory, in MiB. */
async function peak(...args: string[]): Promise<number> {
  const child = begin(args)
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  return (Number(output) * 1024) / MiB
}

const isLinux = process.platform === 'linux'

describe.skipIf(!isLinux || !hasTool('docker-registry'))('half a gigabyte in eight layers', () => {
  it('is pushed, copied and pulled in little memory, and the process ends by itself', async () => {
    const [one, other] = [await distributionRegistry(), await distributionRegistry()]
    const [name, copied] = [`${one.host}/big:1`, `${other.host}/big:1`]
    await peak('make', space.path('from'), name, '8', String(63 * MiB))
    const pushed = await peak('push', space.path('from'), name)
    rmSync(space.path('from'), { recursive: true })
    const streamed = await peak('copy', space.path('none'), name, copied)
    const pulled = await peak('pull', space.path('to'), copied)
    console.log(
      `504 MiB: pushed in ${pushed.toFixed(0)} MiB, copied in ${streamed.toFixed(0)}, pulled in ${pulled.toFixed(0)}`,
    )
    expect(Math.max(pushed, streamed, pulled)).toBeLessThan(200)
    rmSync(space.path('to'), { recursive: true })
    await one.stop()
    await other.stop()
  })
})

describe.skipIf(!isLinux || !hasTool('flock'))('a pull whose process is killed', () => {
  it('goes on in the next one', async () => {
    await using registry = await startLoopbackRegistry()
    const { layers } = addImage(registry.storage, 'a', { tag: '1', layers: [40 * MiB] })
    const { digest } = layers[0]!
    registry.fault = ({ url }) => (url.includes(digest) ? { stallAt: 30 * MiB } : undefined)
    const path = space.path('killed')
    mkdirSync(path, { recursive: true })
    const child = begin(['pull', path, `${registry.host}/a:1`])
    const ingest = join(path, 'ingest')
    const written = () => {
      const names = existsSync(ingest) ? readdirSync(ingest, { recursive: true }).map(String) : []
      const name = names.find((one) => one.endsWith(`-${digest.replace(':', '-')}`))
      return name === undefined ? 0 : statSync(join(ingest, name)).size
    }
    while (written() < 28 * MiB) await setTimeout(20)
    child.kill('SIGKILL')
    await once(child, 'close')
    registry.fault = undefined
    await peak('pull', path, `${registry.host}/a:1`)
    const from = Number(/^bytes=(\d+)-$/.exec(String(registry.requests.at(-1)?.headers.range))?.[1])
    expect(from).toBeGreaterThan(15 * MiB)
    expect(from).toBeLessThanOrEqual(30 * MiB)
    expect(existsSync(join(path, 'blobs/sha256', digest.slice(7, 9), digest.slice(7)))).toBe(true)
  })
})
