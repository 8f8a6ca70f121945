import type { CommandSpec, FlagSpec } from './spec.js'

const COLUMNS = 100

/** What `cooper --help` prints. */
export function overview(commands: readonly CommandSpec[], shared: readonly FlagSpec[]): string {
  return [
    'cooper turns a Dockerfile into an OCI image with no daemon, and keeps its layers in a store.',
    '',
    'Usage: cooper COMMAND [FLAGS]',
    '',
    'Commands:',
    ...columns(commands.map((command) => [command.name, command.summary])),
    '',
    'Flags of every command:',
    ...columns(shared.map((flag) => [spelling(flag), flag.summary])),
    '',
    'cooper COMMAND --help explains one command.',
    '',
  ].join('\n')
}

/** What `cooper COMMAND --help` prints. */
export function commandHelp(command: CommandSpec, shared: readonly FlagSpec[]): string {
  const lines = [command.summary, '', `Usage: ${usage(command)}`]
  for (const paragraph of command.description) lines.push('', ...wrap(paragraph, COLUMNS))
  if (command.examples.length > 0) {
    lines.push('', 'Examples:')
    for (const example of command.examples) lines.push(`  ${example.command}`, `      ${example.does}`)
  }
  for (const [group, flags] of groupFlags(command)) lines.push('', `${group}:`, ...flagColumns(flags))
  lines.push('', 'Flags of every command:', ...flagColumns(shared))
  const hidden = command.flags.filter((flag) => flag.hidden).map((flag) => `--${flag.name}`)
  if (hidden.length > 0) {
    const sentence = `Known from docker; refused, or without effect here: ${hidden.join(', ')}.`
    lines.push('', ...wrap(sentence, COLUMNS))
  }
  return `${lines.join('\n')}\n`
}

/** The flags that help explains, by their headings, in the order of the table. */
export function groupFlags(command: CommandSpec): Map<string, FlagSpec[]> {
  const groups = new Map<string, FlagSpec[]>()
  for (const flag of command.flags) {
    if (flag.hidden) continue
    const heading = flag.group ?? 'Flags'
    groups.set(heading, [...(groups.get(heading) ?? []), flag])
  }
  return groups
}

function flagColumns(flags: readonly FlagSpec[]): string[] {
  return columns(flags.map((flag) => [spelling(flag), flag.summary]))
}

export function usage(command: CommandSpec): string {
  return ['cooper', command.name, '[FLAGS]', command.operands].filter((part) => part !== '').join(' ')
}

/** `-t, --tag NAME[:TAG]` */
export function spelling(flag: FlagSpec): string {
  const value = flag.kind === 'boolean' ? (flag.choices ? '[=WHEN]' : '') : ` ${flag.value ?? 'VALUE'}`
  const long = `--${flag.name}${value}`
  return flag.short ? `-${flag.short}, ${long}` : `    ${long}`
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  // A very long spelling gets a line of its own instead of pushing every summary to the right.
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)))
  return rows.flatMap(([left, right]) => {
    const wrapped = wrap(right, COLUMNS - width - 4)
    const first = left.length > width ? [`  ${left}`] : []
    const indented = wrapped.map((line, index) => {
      const label = index === 0 && first.length === 0 ? left : ''
      return `  ${label.padEnd(width)}  ${line}`
    })
    return [...first, ...indented]
  })
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
