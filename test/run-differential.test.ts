import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, directory, parseOutput } from '@cooperage/builder'
import { isCooperageError, openStore, type Store } from '@cooperage/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { type ImageRows, imageRows } from './image-rows.js'
import { rivalCommand } from './rival-tools.js'
import { RUN_CASES, type RunCase } from './run-cases.js'
import { runExecutor } from './run-executor.js'
import { RUN_MOUNT_CASES } from './run-mount-cases.js'
import { workspace } from './workspace.js'

/**
 * What BuildKit made of each case. COOPERAGE_RECORD=REGISTRY writes it anew with the Docker of `rivalCommand`, which gets
 * busybox from that registry.
 */
const GOLDEN = fileURLToPath(new URL('golden/run.json', import.meta.url))
const REGISTRY = process.env.COOPERAGE_RECORD
const CASES: readonly RunCase[] = [...RUN_CASES, ...RUN_MOUNT_CASES]

type Outcome = ImageRows | { readonly error: string }

const space = workspace('run-differential')
const exec = promisify(execFile)
const busybox = baseLayout('busybox', space)
const executor = await runExecutor(space)
const golden: Record<string, Outcome> = existsSync(GOLDEN) ? JSON.parse(readFileSync(GOLDEN, 'utf8')) : {}

function prepare(one: RunCase, index: number): string {
  const text = /^FROM /m.test(one.dockerfile) ? one.dockerfile : `FROM busybox\n${one.dockerfile}`
  const context = space.folder(`context-${index}`, { ...one.context, Dockerfile: `${text}\n` })
  for (const [id, value] of Object.entries(one.secrets ?? {}))
    writeFileSync(space.path(`secret-${index}-${id}`), value)
  return context
}

async function byBuildKit(one: RunCase, index: number): Promise<Outcome> {
  const [command, ...first] = rivalCommand()!
  const docker = (...args: string[]) => exec(command, [...first, ...args], { maxBuffer: 16 << 20 })
  const tag = `cooper-run-${process.pid}:${index}`
  const pairs = (flag: string, values: Readonly<Record<string, unknown>> = {}, join = '=') =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}${join}${value}`])
  const ulimits = Object.entries(one.ulimits ?? {}).flatMap(([name, [soft, hard]]) => [
    '--ulimit',
    `${name}=${soft}:${hard}`,
  ])
  try {
    // The daemon has no bridge.
    await docker(
      'buildx',
      'build',
      '-q',
      '--no-cache',
      '--provenance=false',
      '--network',
      'host',
      '-t',
      tag,
      '--build-context',
      `busybox=docker-image://${REGISTRY}/busybox`,
      ...pairs('--build-arg', one.buildArgs),
      ...pairs('--add-host', one.extraHosts),
      ...ulimits,
      ...Object.keys(one.secrets ?? {}).flatMap((id) => [
        '--secret',
        `id=${id},src=${space.path(`secret-${index}-${id}`)}`,
      ]),
      ...(one.target === undefined ? [] : ['--target', one.target]),
      ...(one.shmSize === undefined ? [] : ['--shm-size', String(one.shmSize)]),
      space.path(`context-${index}`),
    )
  } catch (error) {
    const { stderr } = error as { stderr: string }
    return {
      error: stderr
        .trim()
        .split('\n')
        .at(-1)!
        .replace(/of ref \S+/, 'of ref'),
    }
  }
  const archive = space.path(`theirs-${index}.tar`)
  await docker('save', '-o', archive, tag)
  await docker('rmi', '-f', tag)
  return imageRows(archive, space.path('base.tar'))
}

async function byUs(one: RunCase, index: number, store: Store): Promise<Outcome> {
  const archive = space.path(`ours-${index}.tar`)
  try {
    const { secrets = {}, extraHosts = {}, ulimits = {} } = one
    await build({
      store,
      context: directory(space.path(`context-${index}`)),
      outputs: [parseOutput(`type=docker,dest=${archive}`)],
      buildContexts: { busybox: { kind: 'oci-layout', path: busybox! } },
      ...(one.buildArgs && { buildArgs: one.buildArgs }),
      ...(one.target !== undefined && { target: one.target }),
      secrets: Object.fromEntries(Object.entries(secrets).map(([id, value]) => [id, Buffer.from(value)])),
      run: {
        executor: executor!,
        ...(one.shmSize !== undefined && { shmSize: one.shmSize }),
        extraHosts: Object.entries(extraHosts).map(([host, address]) => ({ host, address })),
        ulimits: Object.entries(ulimits).map(([name, [soft, hard]]) => ({ name, soft, hard })),
      },
    })
  } catch (error) {
    if (!isCooperageError(error)) throw error
    return { error: `${error.code}: ${error.message}` }
  }
  return imageRows(archive, space.path('base.tar'))
}

/** How ARG and EXPOSE are written has changed since this Docker's BuildKit; other tests hold them. */
function ageless(history: readonly string[]): string[] {
  return history.filter((line) => !/^- (?:ARG|EXPOSE) /.test(line))
}

describe.skipIf(busybox === undefined || executor === undefined)('RUN makes what BuildKit makes', () => {
  const ours: Outcome[] = []
  let store: Store

  beforeAll(async () => {
    store = await openStore({ path: space.path('store'), durability: 'none' })
    const buildContexts = { busybox: { kind: 'oci-layout', path: busybox! } } as const
    const context = directory(space.folder('base', { Dockerfile: 'FROM busybox\n' }))
    await build({
      store,
      context,
      buildContexts,
      outputs: [parseOutput(`type=docker,dest=${space.path('base.tar')}`)],
    })
    for (const [index, one] of CASES.entries()) prepare(one, index)
    const recorded: Record<string, Outcome> = {}
    const queue = [...CASES.entries()]
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, one] = next
        ours[index] = await byUs(one, index, store)
        if (REGISTRY !== undefined) recorded[one.name] = await byBuildKit(one, index)
      }
    }
    await Promise.all([worker(), worker()])
    if (REGISTRY === undefined) return
    mkdirSync(join(GOLDEN, '..'), { recursive: true })
    const sorted = Object.fromEntries(CASES.map(({ name }) => [name, recorded[name]]))
    writeFileSync(GOLDEN, `${JSON.stringify(sorted, undefined, 1)}\n`)
    Object.assign(golden, sorted)
  }, 600_000)

  afterAll(() => store?.[Symbol.asyncDispose]())

  it.each(CASES.map((one, index) => [one.name, one, index] as const))('%s', (name, one, index) => {
    const mine = ours[index]!
    const other = golden[name]!
    const apart = one.apart?.parts ?? []
    expect('error' in mine ? mine.error : 'built').toMatch(one.fails ? /^E_/ : /^built$/)
    if (apart.includes('outcome')) return
    expect('error' in mine ? `refused: ${mine.error}` : 'built').toMatch(
      'error' in other ? /^refused/ : /^built/,
    )
    if ('error' in mine || 'error' in other) return
    if (!apart.includes('history')) expect(ageless(mine.history)).toEqual(ageless(other.history))
    expect(mine.config).toEqual(other.config)
    expect(mine.layers).toBe(other.layers)
    if (!apart.includes('rows')) expect(mine.rows).toEqual(other.rows)
  })
})
