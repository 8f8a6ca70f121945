import type { Dockerfile } from '../instructions/commands.js'
import { proxyVariables } from '../steps/proxy-variables.js'

/** Build arguments that steer a build without being declared. */
const BUILT_IN =
  /^(?:BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:TARGET|BUILD)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)|TARGETSTAGE)$/

/** Names of build arguments that no ARG of the file declares, in the order given: likely misspelt. */
export function unusedBuildArgs(
  dockerfile: Dockerfile,
  buildArgs: Readonly<Record<string, string>>,
): string[] {
  const commands = [...dockerfile.globalArgs, ...dockerfile.stages.flatMap((stage) => stage.commands)]
  const declared = new Set(
    commands.flatMap((command) => (command.kind === 'arg' ? command.args.map(({ key }) => key) : [])),
  )
  // What a trigger declares is known only when it fires.
  const hasTriggers = commands.some((command) => command.kind === 'onbuild')
  if (hasTriggers) return []
  return Object.keys(buildArgs).filter(
    (name) => !declared.has(name) && !BUILT_IN.test(name) && !isProxy(name),
  )
}

/** RUN has it undeclared. Any value will do: an empty one is no setting, but meant as none. */
function isProxy(name: string): boolean {
  return proxyVariables(new Map([[name, 'any']])).length > 0
}
