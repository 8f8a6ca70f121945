import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Workspace } from '../workspace.js'
import { type Built, readBuilt } from './built-image.js'
import { EPOCH, type ParityCase } from './parity-case.js'

const exec = promisify(execFile)

const output = (destination: string) =>
  `type=oci,dest=${destination},rewrite-timestamp=true,compression=uncompressed`

/** Of a case's arguments, `@base` is the base image and `@context` the folder of the case. */
function argumentsOf(one: ParityCase, base: string, context: string): string[] {
  return (one.args ?? []).map((argument) => argument.replace('@base', base).replace('@context', context))
}

export interface BuildPlace {
  readonly space: Workspace
  /** `oci-layout://…` */
  readonly base: string
  /** The folder of the context below the workspace; of a name that no other build has. */
  readonly context: string
}

export async function byCooper(one: ParityCase, { space, base, context }: BuildPlace): Promise<Built> {
  const archive = space.path(`${context}.cooper.tar`)
  const args = argumentsOf(one, base, space.path(context))
  const { code, stderr } = await space.run(
    ['build', '--platform', 'linux/amd64', '-o', output(archive), ...args, space.path(context)],
    { env: { SOURCE_DATE_EPOCH: String(one.epoch ?? EPOCH) } },
  )
  return code === 0 ? readBuilt(archive) : { error: stderr }
}

/** Builds with the docker that this command line starts; its daemon must keep images in containerd. */
export async function byBuildKit(
  docker: readonly string[],
  one: ParityCase,
  { space, base, context }: BuildPlace,
): Promise<Built> {
  const archive = space.path(`${context}.buildkit.tar`)
  const [command, ...first] = docker
  const epoch = `SOURCE_DATE_EPOCH=${one.epoch ?? EPOCH}`
  const args = argumentsOf(one, base, space.path(context))
  const build = ['buildx', 'build', '-q', '--no-cache', '--provenance=false', '--platform', 'linux/amd64']
  try {
    await exec(
      command!,
      [...first, ...build, '--build-arg', epoch, '-o', output(archive), ...args, space.path(context)],
      {
        maxBuffer: 16 << 20,
      },
    )
  } catch (error) {
    return { error: String((error as { stderr?: string }).stderr ?? error) }
  }
  return readBuilt(archive)
}
