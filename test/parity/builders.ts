import { execFile } from 'node:child_process'
import { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { Interruption } from '../../packages/cli/src/interruption.js'
import { main } from '../../packages/cli/src/main.js'
import type { Workspace } from '../workspace.js'
import { type Built, readBuilt } from './built-image.js'
import { EPOCH, type ParityCase } from './parity-case.js'
import type { RunBase } from './run-bases.js'

const exec = promisify(execFile)

const output = (destination: string) =>
  `type=oci,dest=${destination},rewrite-timestamp=true,compression=uncompressed`

export interface BuildPlace {
  readonly space: Workspace
  /** `oci-layout://…` */
  readonly base: string
  /** Images with programs, for cases that run some. */
  readonly bases?: readonly RunBase[]
  /** The folder of the context below the workspace; of a name that no other build has. */
  readonly context: string
}

/** Of a case's arguments, `@base` is the base image and `@context` the folder of the case. */
function argumentsOf(one: ParityCase, { base: shared, bases = [], context, space }: BuildPlace): string[] {
  const base = one.base?.(space.path(`${context}.base`)) ?? shared
  const args = (one.args ?? []).map((argument) =>
    argument.replace('@base', base).replace('@context', space.path(context)),
  )
  if (one.runs !== true) return args
  const named = bases.flatMap(({ name, layout }) => ['--build-context', `${name}=oci-layout://${layout}`])
  return [...args, ...named, '--build-arg', `BUILDKIT_CACHE_MOUNT_NS=${context}`]
}

function readCase(archive: string, one: ParityCase, { bases = [] }: BuildPlace): Promise<Built> {
  return readBuilt(archive, one.runs ? bases.map(({ diffIds }) => diffIds) : undefined)
}

export async function byCooper(one: ParityCase, place: BuildPlace): Promise<Built> {
  const { space, context } = place
  const archive = space.path(`${context}.cooper.tar`)
  const isolation = process.env.COOPERAGE_ISOLATION
  const args = [...argumentsOf(one, place), ...(isolation === undefined ? [] : ['--isolation', isolation])]
  const { code, stderr } = await inThisProcess(
    [
      'build',
      '--platform',
      'linux/amd64',
      '-o',
      output(archive),
      ...(one.runs ? ['--no-cache'] : []),
      ...args,
      space.path(context),
    ],
    { HOME: space.root, PATH: process.env.PATH, SOURCE_DATE_EPOCH: String(one.epoch ?? EPOCH) },
  )
  return code === 0 ? readCase(archive, one, place) : { error: stderr }
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
  // The daemon may have no bridge, and we have none.
  const args = [...argumentsOf(one, place), ...(one.runs ? ['--network', 'host'] : [])]
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
  return readCase(archive, one, place)
}

/** What of an error is of this run alone. */
function withoutChance(text: string, root: string): string {
  return text
    .replaceAll(root, '')
    .replace(/\/var\/lib\/docker\/tmp\/buildkit-mount\d+/g, '')
    .replace(/ref \w+::\w+/g, 'ref')
}
