import { CooperageError } from '@cooperage/store'
import type { BuildContexts } from './build-contexts.js'
import type { BuildOptions, DockerfileText } from './build-options.js'
import { DOCKERFILE_NAMES } from './dockerfile-names.js'

/**
 * The Dockerfile of a build: the text given, the file named, or `Dockerfile`, else `dockerfile`, of the context.
 * @throws E_DF_MISSING, E_CTX_…
 */
export async function readDockerfile(
  options: Pick<BuildOptions, 'dockerfile' | 'context'>,
  contexts: BuildContexts,
): Promise<{ readonly name: string; readonly text: string | Uint8Array }> {
  const given = options.dockerfile
  if (typeof given === 'object')
    return { name: given.name ?? 'Dockerfile', text: given.text } satisfies DockerfileText
  const names = given === undefined ? DOCKERFILE_NAMES : [given]
  for (const name of names) {
    const text = await contexts.readFile(name)
    if (text !== undefined) return { name, text }
  }
  throw new CooperageError('E_DF_MISSING', `there is no ${names[0]} in ${options.context.name}`, {
    hint:
      given === undefined
        ? 'name it with --file, or change to its directory'
        : 'check the path given with --file',
    data: { path: names[0] },
  })
}
