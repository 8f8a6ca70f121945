import { execFile } from 'node:child_process'
import { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { Interruption } from '../../packages/cli/src/interruption.js'
import { main } from '../../packages/cli/src/main.js'
import type { Workspace } from '../workspace.js'
import { type Built, readBuilt } from './built-image.js'
import { EPOCH, type ParityCase } from './parity-case.js'

const exec = promisify(execFile)

const output = (destination: string) =>
  `type=oci,dest=${destination},rewrite-timestamp=true,compression=uncompressed`

/** Of a case's arguments, `@base` is the base image and `@context` the folder of the case. */
function argumentsOf(one: ParityCase, { space, base: shared, context: name }: BuildPlace): string[] {
  const context = space.path(name)
  const base = one.base?.(space.path(`${name}.base`)) ?? shared
  return (one.args ?? []).map((argument) => argument.replace('@base', base).replace('@context', context))
}

export interface BuildPlace {
  readonly space: Workspace
  /** `oci-layout://…` */
  readonly base: string
  /** The folder of the context below the workspace; of a name that no other build has. */
  readonly context: string
}

export async function byCooper(one: ParityCase, place: BuildPlace): Promise<Built> {
  const { space, context } = place
  const archive = space.path(`${context}.cooper.tar`)
  const args = argumentsOf(one, place)
  const { code, stderr } = await inThisProcess(
    ['build', '--platform', 'linux/amd64', '-o', output(archive), ...args, space.path(context)],
    { HOME: space.root, PATH: process.env.PATH, SOURCE_DATE_EPOCH: String(one.epoch ?? EPOCH) },
  )
  return code === 0 ? readBuilt(archive) : { error: stderr }
}

/** Runs the command without a process of its own: there are many cases. */
async function inThisProcess(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  let stderr = ''
  const say = (text: string) => {
    stderr += text
  }
  const stream = () => new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = {
    stdin: Readable.from([]) as unknown as NodeJS.ReadStream,
    stdout: stream() as unknown as NodeJS.WriteStream,
    stderr: stream() as unknown as NodeJS.WriteStream,
    print: async () => {},
    say,
  }
  const code = await main({ args, env, terminal, interruption: new Interruption(() => {}) })
  return { code, stderr }
}

/** Builds with the docker that this command line starts; its daemon must keep images in containerd. */
export async function byBuildKit(
  docker: readonly string[],
  one: ParityCase,
  place: BuildPlace,
): Promise<Built> {
  const { space, context } = place
  const archive = space.path(`${context}.buildkit.tar`)
  const [command, ...first] = docker
  const epoch = `SOURCE_DATE_EPOCH=${one.epoch ?? EPOCH}`
  const args = argumentsOf(one, place)
  const build = ['buildx', 'build', '-q', '--no-cache', '--provenance=false', '--platform', 'linux/amd64']
  try {
    await exec(
      command!,
      [...first, ...build, '--build-arg', epoch, '-o', output(archive), ...args, space.path(context)],
      {
        maxBuffer: 16 << 20,
        timeout: 60_000,
      },
    )
  } catch (error) {
    return { error: withoutChance(String((error as { stderr?: string }).stderr ?? error), space.root) }
  }
  return readBuilt(archive)
}

/** What of an error is of this run alone. */
function withoutChance(text: string, root: string): string {
  return text
    .replaceAll(root, '')
    .replace(/\/var\/lib\/docker\/tmp\/buildkit-mount\d+/g, '')
    .replace(/ref \w+::\w+/g, 'ref')
}
