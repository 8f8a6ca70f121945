import type { BuildOptions } from './build-options.js'
import type { Dockerfile } from './instructions/commands.js'
import type { PlanWarning } from './plan/plan.js'

/** The one frontend whose language this is; of all others nobody knows what they would make of the file. */
const KNOWN_FRONTEND = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/
/** As a build argument: the frontend that BuildKit has built in, whatever the file asks for. */
const BUILT_IN = 'dockerfile.v0'

/** Warns of a frontend that `# syntax=` asks for, or the build argument BUILDKIT_SYNTAX in its stead. */
export function externalFrontend(
  { syntax }: Dockerfile,
  { buildArgs = {} }: Pick<BuildOptions, 'buildArgs'>,
): PlanWarning[] {
  const argument = buildArgs.BUILDKIT_SYNTAX
  const frontend = argument === undefined ? syntax : argument.trim().split(' ', 1)[0]
  if (frontend === undefined || frontend === '' || frontend === BUILT_IN) return []
  if (KNOWN_FRONTEND.test(frontend)) return []
  const asked = argument === undefined ? `"# syntax=${frontend}"` : `BUILDKIT_SYNTAX=${frontend}`
  const message = `external frontends are not run: with ${asked} this is read as an ordinary Dockerfile`
  return [{ rule: 'ExternalFrontend', message }]
}
