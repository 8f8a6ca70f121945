import { groupFlags, spelling, usage } from './help.js'
import { CONFIGURATION, ENVIRONMENT, EXIT_CODES } from './manual.js'
import type { CommandSpec, FlagSpec } from './spec.js'

/** The page `docs/commands.md`, in Markdown. */
export function docsPage(commands: readonly CommandSpec[], shared: readonly FlagSpec[]): string {
  const lines = [
    '# Commands of cooper',
    '',
    '<!-- Made by scripts/commands-page.mjs from the table in packages/cli/src/flags. -->',
    '',
    ...commands.map(
      (command) => `- [\`cooper ${command.name}\`](#cooper-${command.name}): ${plain(command.summary)}`,
    ),
    '',
    '## Flags of every command',
    '',
    ...flagTable(shared),
  ]
  for (const command of commands) lines.push('', ...section(command))
  lines.push('', '## Environment', '', ...rows('variable', 'what it says', ENVIRONMENT))
  lines.push(
    '',
    '## Configuration',
    '',
    'A TOML file. A flag wins over the environment, and that over the file; an unknown key is an error.',
    '',
    ...rows('key', 'what it says', CONFIGURATION),
  )
  lines.push('', '## Exit codes', '', ...rows('code', 'meaning', EXIT_CODES))
  return `${lines.join('\n')}\n`
}

function section(command: CommandSpec): string[] {
  const lines = [
    `## cooper ${command.name}`,
    '',
    `${plain(command.summary)}.`,
    '',
    '```',
    usage(command),
    '```',
  ]
  for (const paragraph of command.description) lines.push('', plain(paragraph))
  if (command.examples.length > 0) {
    lines.push('', '| example | what it does |', '|---|---|')
    for (const example of command.examples)
      lines.push(`| ${code(example.command)} | ${plain(example.does)} |`)
  }
  for (const [group, flags] of groupFlags(command)) {
    lines.push('', ...(group === 'Flags' ? [] : [`**${group}**`, '']), ...flagTable(flags))
  }
  const hidden = command.flags.filter((flag) => flag.hidden)
  if (hidden.length > 0)
    lines.push('', '**Known from docker; refused, or without effect here**', '', ...flagTable(hidden))
  return lines
}

function rows(left: string, right: string, pairs: readonly (readonly [string, string])[]): string[] {
  return [`| ${left} | ${right} |`, '|---|---|', ...pairs.map(([a, b]) => `| ${code(a)} | ${plain(b)} |`)]
}

function flagTable(flags: readonly FlagSpec[]): string[] {
  return [
    '| flag | what it does |',
    '|---|---|',
    ...flags.map((flag) => {
      const again = flag.kind === 'list' ? ' May be given several times.' : ''
      return `| ${code(spelling(flag).trim())} | ${plain(flag.summary)}.${again} |`
    }),
  ]
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

/** Text that Markdown must not read as markup. */
function plain(text: string): string {
  return text.replace(/[\\`*_<>|[\]]/g, '\\$&')
}
