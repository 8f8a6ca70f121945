import type { ArgCommand, ArgDeclaration } from '../instructions/commands.js'
import type { ArgInScope, Effect } from './effect.js'
import { OverlayMap } from './overlay-map.js'
import type { LineScope, StepContext } from './step-context.js'

/** Arguments that steer the scan of an image: declared like others, but never part of an environment. */
const NOT_IN_ENVIRONMENT = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'])

/**
 * ARG. A build argument wins over the default; without both, a global ARG of that name gives the value. Later
 * declarations of the line see the earlier ones.
 */
export function arg(command: ArgCommand, context: StepContext): Effect {
  const variables = new OverlayMap(context.variables)
  const args: ArgInScope[] = []
  for (const declaration of command.args) {
    const value = argumentValue(declaration, context, { variables, args })
    args.push(value === undefined ? { key: declaration.key } : { key: declaration.key, value })
    if (value !== undefined && !NOT_IN_ENVIRONMENT.has(declaration.key)) variables.set(declaration.key, value)
  }
  return {
    args,
    variables: [...variables],
    history: `ARG ${args.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)).join(' ')}`,
  }
}

function argumentValue(
  { key, value }: ArgDeclaration,
  context: StepContext,
  line: LineScope,
): string | undefined {
  const given = context.buildArgs.get(key)
  if (given !== undefined) return given
  return value === undefined ? context.globalArgs.get(key) : context.word(value, line)
}
