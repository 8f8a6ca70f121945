import { parseArgs } from 'node:util'
import { CooperageError } from '@cooperage/store/errors'
import { closest } from './closest.js'
import type { CommandSpec, FlagSpec } from './spec.js'

/** What a command line says, checked against the table. */
export interface ParsedLine {
  readonly values: FlagValues
  readonly operands: readonly string[]
  /** Sentences about flags that were accepted and have no effect here. */
  readonly notes: readonly string[]
}

/** The flags that were given. Asking for a flag that the command does not have is a fault of ours, and throws. */
export interface FlagValues {
  given(name: string): boolean
  on(name: string): boolean
  text(name: string): string | undefined
  list(name: string): readonly string[]
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** Reads the arguments after the command's name, spelled as docker allows. @throws E_CLI */
export function parseLine(
  command: CommandSpec,
  shared: readonly FlagSpec[],
  args: readonly string[],
): ParsedLine {
  const flags = [...command.flags, ...shared]
  const byName = new Map(flags.map((flag) => [flag.name, flag]))
  const { tokens } = parseArgs({
    args: spellOut(args, flags),
    options: Object.fromEntries(
      flags.map((flag) => [
        flag.name,
        {
          type: flag.kind === 'boolean' ? 'boolean' : 'string',
          multiple: true,
          ...(flag.short ? { short: flag.short } : {}),
        } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  const operands: string[] = []
  const notes = new Set<string>()
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const flag = byName.get(token.name)
    if (!flag) throw unknownFlag(token.rawName, command, flags)
    const value = readValue(flag, token.value)
    if (flag.kind === 'single' && given.has(flag.name)) {
      throw new CooperageError('E_CLI', `--${flag.name} is given twice: one at a time is served`, {
        hint: `run the command once for each --${flag.name}`,
      })
    }
    given.set(flag.name, flag.kind === 'list' ? [...(given.get(flag.name) ?? []), value] : [value])
  }
  for (const [name, values] of given) {
    for (const value of values) judge(byName.get(name)!, value, notes)
  }
  if (!given.has('help')) checkArity(command, operands)
  return { values: flagValues(byName, given), operands, notes: [...notes] }
}

/** `-t=x` and `-q=false`, which docker allows, in the long form that `parseArgs` understands. */
function spellOut(args: readonly string[], flags: readonly FlagSpec[]): string[] {
  const end = args.indexOf('--')
  return args.map((arg, index) => {
    const match = (end === -1 || index < end) && /^-([A-Za-z])=([\s\S]*)$/.exec(arg)
    const flag = match && flags.find((one) => one.short === match[1])
    return match && flag ? `--${flag.name}=${match[2]}` : arg
  })
}

function readValue(flag: FlagSpec, value: string | undefined): string {
  if (flag.kind === 'boolean') {
    if (value !== undefined && flag.choices?.includes(value)) return value
    if (value === undefined || TRUE.has(value)) return 'true'
    if (FALSE.has(value)) return 'false'
    const choices = ['true', 'false', ...(flag.choices ?? [])]
    throw new CooperageError(
      'E_CLI',
      `--${flag.name} is ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}, not ${JSON.stringify(value)}`,
    )
  }
  if (value === undefined) {
    throw new CooperageError('E_CLI', `--${flag.name} needs a value`, {
      hint: `write --${flag.name}=${flag.value ?? 'VALUE'}`,
    })
  }
  if (flag.choices && !flag.choices.includes(value)) {
    const near = closest(value, flag.choices)
    throw new CooperageError('E_CLI', `--${flag.name} cannot be ${JSON.stringify(value)}`, {
      hint: near === undefined ? `choose one of ${flag.choices.join(', ')}` : `did you mean ${near}?`,
      data: { choices: flag.choices },
    })
  }
  return value
}

function judge(flag: FlagSpec, value: string, notes: Set<string>): void {
  const verdict = flag.judge?.(value)
  if (verdict?.verdict === 'note') notes.add(`--${flag.name}: ${verdict.text}`)
  if (verdict?.verdict !== 'refuse') return
  throw new CooperageError('E_CLI', `--${flag.name}: ${verdict.text}`, {
    data: { flag: flag.name },
    ...(verdict.hint === undefined ? {} : { hint: verdict.hint }),
  })
}

function unknownFlag(rawName: string, command: CommandSpec, flags: readonly FlagSpec[]): CooperageError {
  const near = rawName.startsWith('--')
    ? closest(
        rawName.slice(2),
        flags.filter((flag) => !flag.hidden).map((flag) => flag.name),
      )
    : undefined
  return new CooperageError('E_CLI', `cooper ${command.name} has no flag ${rawName}`, {
    hint: near === undefined ? `see cooper ${command.name} --help` : `did you mean --${near}?`,
  })
}

function checkArity(command: CommandSpec, operands: readonly string[]): void {
  const [min, max] = command.arity
  if (operands.length >= min && operands.length <= max) return
  const wanted = max === 0 ? 'takes no argument' : `takes ${command.operands}`
  const found =
    operands.length === 0 ? 'none was given' : `${operands.length} were given: ${operands.join(' ')}`
  throw new CooperageError('E_CLI', `cooper ${command.name} ${wanted}; ${found}`, {
    hint: `see cooper ${command.name} --help`,
  })
}

function flagValues(
  byName: ReadonlyMap<string, FlagSpec>,
  given: ReadonlyMap<string, readonly string[]>,
): FlagValues {
  const all = (name: string): readonly string[] => {
    if (!byName.has(name)) throw new TypeError(`no such flag in the table: ${name}`)
    return given.get(name) ?? []
  }
  return {
    given: (name) => all(name).length > 0,
    on: (name) => all(name).at(-1) === 'true',
    text: (name) => all(name).at(-1),
    list: (name) => all(name),
  }
}
