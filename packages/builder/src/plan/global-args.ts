import type { Platform } from '@cooperage/store'
import type { ArgCommand } from '../instructions/commands.js'
import { formatPlatform } from './platform.js'

export interface GlobalArgsInput {
  readonly buildArgs: ReadonlyMap<string, string>
  readonly platform: Platform
  readonly buildPlatform: Platform
  /** Name of the target stage, empty when it has none. */
  readonly targetName: string
}

/** Arguments that every Dockerfile may declare without giving them a value. */
export function predefinedArgs(input: GlobalArgsInput): Map<string, string> {
  const of = (prefix: string, platform: Platform): [string, string][] => [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}OSVERSION`, platform['os.version'] ?? ''],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ]
  const args = new Map([
    ...of('BUILD', input.buildPlatform),
    ...of('TARGET', input.platform),
    ['TARGETSTAGE', input.targetName === '' ? 'default' : input.targetName] as const,
  ])
  for (const name of args.keys()) {
    const given = input.buildArgs.get(name)
    if (given !== undefined) args.set(name, given)
  }
  return args
}

/** Adds the ARGs above the first FROM. `expand` reports errors with the place of the command. */
export function declareGlobalArgs(
  commands: readonly ArgCommand[],
  args: Map<string, string>,
  how: {
    readonly buildArgs: ReadonlyMap<string, string>
    readonly expand: (text: string, command: ArgCommand) => string
  },
): void {
  for (const command of commands) {
    for (const { key, value } of command.args) {
      const given = how.buildArgs.get(key) ?? (value === undefined ? undefined : how.expand(value, command))
      if (given !== undefined) args.set(key, given)
    }
  }
}
