import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cooper } from '../cooper.js'
import type { Workspace } from '../workspace.js'
import { type Built, readBuilt } from './built-image.js'
import { EPOCH, type ParityCase } from './parity-case.js'
import type { RunBase } from './run-bases.js'

const exec = promisify(execFile)

const output = (destination: string) =>
  `type=oci,tar=false,dest=${destination},rewrite-timestamp=true,compression=uncompressed`

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

function readCase(layout: string, one: ParityCase, { bases = [] }: BuildPlace): Promise<Built> {
  return readBuilt(layout, one.runs ? bases.map(({ diffIds }) => diffIds) : undefined)
}

export async function byCooper(one: ParityCase, place: BuildPlace): Promise<Built> {
  const { space, context } = place
  const layout = space.path(`${context}.cooper`)
  const isolation = process.env.COOPERAGE_ISOLATION
  const args = [...argumentsOf(one, place), ...(isolation === undefined ? [] : ['--isolation', isolation])]
  const cached = one.runs ? ['--no-cache'] : []
  const { code, stderr } = await cooper(
    ['build', '--platform', 'linux/amd64', '-o', output(layout), ...cached, ...args, space.path(context)],
    { env: { HOME: space.root, SOURCE_DATE_EPOCH: String(one.epoch ?? EPOCH) } },
  )
  return code === 0 ? readCase(layout, one, place) : { error: stderr }
}

/** Builds with the docker that this command line starts; its daemon must keep images in containerd. */
export async function byBuildKit(
  docker: readonly string[],
  one: ParityCase,
  place: BuildPlace,
): Promise<Built> {
  const { space, context } = place
  const layout = space.path(`${context}.buildkit`)
  const [command, ...first] = docker
  const epoch = `SOURCE_DATE_EPOCH=${one.epoch ?? EPOCH}`
  // The daemon may have no bridge, and we have none.
  const args = [...argumentsOf(one, place), ...(one.runs ? ['--network', 'host'] : [])]
  const build = ['buildx', 'build', '-q', '--no-cache', '--provenance=false', '--platform', 'linux/amd64']
  try {
    await exec(
      command!,
      [...first, ...build, '--build-arg', epoch, '-o', output(layout), ...args, space.path(context)],
      {
        maxBuffer: 16 << 20,
        timeout: 60_000,
      },
    )
  } catch (error) {
    return { error: withoutChance(String((error as { stderr?: string }).stderr ?? error), space.root) }
  }
  return readCase(layout, one, place)
}

/** What of an error is of this run alone. */
function withoutChance(text: string, root: string): string {
  return text
    .replaceAll(root, '')
    .replace(/\/var\/lib\/docker\/tmp\/buildkit-mount\d+/g, '')
    .replace(/ref \w+::\w+/g, 'ref')
}
