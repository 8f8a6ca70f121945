import { CooperageError } from '@cooperage/store/errors'
import { exitCodeOf } from './exit-code.js'
import { closest } from './flags/closest.js'
import { commandHelp, overview } from './flags/help.js'
import { parseLine } from './flags/parse.js'
import { SHARED_FLAGS } from './flags/shared-flags.js'
import type { CommandSpec } from './flags/spec.js'
import { COMMANDS } from './flags/table.js'
import type { Interruption } from './interruption.js'
import type { Terminal } from './invocation.js'
import { COMMAND_MODULES } from './load-command.js'
import { reportError } from './report-error.js'
import { splitLine } from './split-line.js'

export interface World {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  readonly interruption: Interruption
}

/** Runs one command line to its end and answers with the exit code. Never throws. */
export async function main(world: World): Promise<number> {
  const { terminal, interruption } = world
  try {
    const code = await dispatch(world)
    return interruption.exitCode ?? code
  } catch (error) {
    if (interruption.quiet) return interruption.exitCode ?? 0
    const options = { debug: wantsDebug(world.args) }
    terminal.say(reportError(interruption.signal.aborted ? interruption.signal.reason : error, options))
    return interruption.exitCode ?? exitCodeOf(error)
  }
}

/** Looked for by hand: an error in the line itself must know it too. */
export function wantsDebug(args: readonly string[]): boolean {
  return args.includes('--debug') || args.includes('-D')
}

/** Answers with the exit code of a command that was done. */
async function dispatch(world: World): Promise<number> {
  const { terminal, env, interruption } = world
  const { name, args } = splitLine(world.args, SHARED_FLAGS)
  if (name === undefined) {
    // An empty line is a question; flags without a command are a mistake, unless they ask for help.
    if (args.includes('--version') || args.includes('-v')) return dispatch({ ...world, args: ['version'] })
    if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
      await terminal.print(overview(COMMANDS, SHARED_FLAGS))
      return 0
    }
    throw new CooperageError('E_CLI', 'no command was given', { hint: 'see cooper --help' })
  }
  if (name === 'help') {
    const topic = args.find((arg) => !arg.startsWith('-'))
    const text =
      topic === undefined ? overview(COMMANDS, SHARED_FLAGS) : commandHelp(find(topic), SHARED_FLAGS)
    await terminal.print(text)
    return 0
  }
  const command = find(name)
  const line = parseLine(command, SHARED_FLAGS, args)
  if (line.values.on('help')) {
    await terminal.print(commandHelp(command, SHARED_FLAGS))
    return 0
  }
  for (const note of line.notes) terminal.say(`note: ${note}\n`)
  const { run } = await COMMAND_MODULES[command.name]!()
  const code = await run({
    flags: line.values,
    operands: line.operands,
    terminal,
    env,
    signal: interruption.signal,
    settings: async () => (await import('./settings/settings.js')).resolveSettings(line.values, env),
  })
  return typeof code === 'number' ? code : 0
}

function find(name: string): CommandSpec {
  const command = COMMANDS.find((one) => one.name === name)
  if (command) return command
  const near = closest(
    name,
    COMMANDS.map((one) => one.name),
  )
  throw new CooperageError('E_CLI', `there is no command ${JSON.stringify(name)}`, {
    hint: near === undefined ? 'see cooper --help' : `did you mean cooper ${near}?`,
  })
}
