import { isCooperageError } from '@cooperage/store'
import { BaseImages } from './base/base-images.js'
import { registryOpener } from './base/registry-opener.js'
import { BuildContexts } from './build-contexts.js'
import type { BuildOptions } from './build-options.js'
import type { InspectOptions } from './inspect-options.js'
import { requestedPlatforms } from './plan/requested-platforms.js'
import { readDockerfile } from './read-dockerfile.js'
import { openSecrets } from './secrets/open-secrets.js'
import { openSsh } from './secrets/open-ssh.js'

/** The Dockerfile of a build, and what `checkDockerfile`, `outlineDockerfile` and `listTargets` want beside it. */
export interface BuildFile {
  readonly text: string | Uint8Array
  readonly options: InspectOptions
}

/**
 * Finds the Dockerfile that a build with these options would read, to look at it without building. Images are those
 * of the store; one that is not there, or that a build context brings, counts as unknown. @throws E_DF_MISSING, E_CTX_…
 */
export async function openBuildFile(options: BuildOptions): Promise<BuildFile> {
  const signal = options.signal ?? new AbortController().signal
  const contexts = new BuildContexts(options, {
    signal,
    emit: () => {},
    secrets: await openSecrets(options.secrets),
    ssh: await openSsh(options.ssh),
  })
  const { name, text } = await readDockerfile(options, contexts)
  // Nothing is fetched for a look: what the store does not know is unknown.
  const images = new BaseImages(
    { ...options, pull: 'never' },
    { registry: registryOpener(options), signal, emit: () => {} },
  )
  const { target, buildArgs, buildContexts = {} } = options
  // Of several platforms it is the first one that the checks of a build look at too.
  const [platform] = requestedPlatforms(options).list
  return {
    text,
    options: {
      name,
      ...(target !== undefined && { target }),
      ...(buildArgs !== undefined && { buildArgs }),
      ...(platform !== undefined && { platform }),
      namedContexts: contexts.kinds(),
      ignore: () => contexts.ignore(),
      findImage: async (image, wanted) => {
        if (Object.hasOwn(buildContexts, image)) return undefined
        try {
          return (await images.resolve(image, wanted, { file: name, line: 1 })).config
        } catch (error) {
          if (isCooperageError(error) && error.code === 'E_IMAGE_NOT_FOUND') return undefined
          throw error
        }
      },
      signal,
    },
  }
}
