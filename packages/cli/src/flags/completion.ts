import type { CommandSpec, FlagSpec } from './spec.js'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A script that teaches a shell the table. It asks nothing at completion time: everything is in its text. */
export function completionScript(
  shell: Shell,
  commands: readonly CommandSpec[],
  shared: readonly FlagSpec[],
): string {
  const shown = commands.map((command) => ({
    command,
    flags: [...command.flags, ...shared].filter((flag) => !flag.hidden),
  }))
  return { bash, zsh, fish }[shell](shown)
}

interface Shown {
  readonly command: CommandSpec
  readonly flags: readonly FlagSpec[]
}

function bash(shown: readonly Shown[]): string {
  const cases = shown.flatMap(({ command, flags }) => [
    `    ${command.name})`,
    `      flags='${flags.flatMap(words).join(' ')}'`,
    '      case "$previous" in',
    ...flags
      .filter((flag) => flag.kind !== 'boolean')
      .map((flag) => `        ${words(flag).join('|')}) ${bashValue(flag)}; return ;;`),
    '      esac',
    `      operand=${command.name === 'completion' ? 'shell' : (command.complete ?? 'none')} ;;`,
  ])
  return `_cooper() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' word flags='' operand=none
  # Bash takes --flag=value for three words.
  if [ "$current" = = ]; then
    current=''
  elif [ "$previous" = = ]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) command=$word; break ;; esac
  done
  case "$command" in
    '') COMPREPLY=( $(compgen -W '${shown.map(({ command }) => command.name).join(' ')} --help --version' -- "$current") ); return ;;
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=( $(compgen -W "$flags" -- "$current") ) ;;
    *) case "$operand" in
         directory) COMPREPLY=( $(compgen -d -- "$current") ) ;;
         file) COMPREPLY=( $(compgen -f -- "$current") ) ;;
         shell) COMPREPLY=( $(compgen -W '${SHELLS.join(' ')}' -- "$current") ) ;;
       esac ;;
  esac
}
complete -o filenames -F _cooper cooper
`
}

function bashValue(flag: FlagSpec): string {
  if (flag.choices) return `COMPREPLY=( $(compgen -W '${flag.choices.join(' ')}' -- "$current") )`
  if (flag.complete === 'directory') return 'COMPREPLY=( $(compgen -d -- "$current") )'
  if (flag.complete === 'file') return 'COMPREPLY=( $(compgen -f -- "$current") )'
  return ':'
}

function zsh(shown: readonly Shown[]): string {
  const cases = shown.flatMap(({ command, flags }) => [
    `    ${command.name})`,
    '      _arguments -s \\',
    ...flags.map((flag) => `        ${zshFlag(flag)} \\`),
    `        ${quote(`*:argument:${zshOperand(command)}`)} ;;`,
  ])
  return `#compdef cooper
_cooper() {
  local -a commands
  commands=(
${shown.map(({ command }) => `    ${quote(`${command.name}:${command.summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
# As a file of fpath this text is the function itself and is asked to complete; sourced, it only registers.
if [[ $funcstack[1] == _cooper ]]; then _cooper "$@"; else compdef _cooper cooper; fi
`
}

function zshFlag(flag: FlagSpec): string {
  const summary = flag.summary.replace(/[[\]:]/g, '\\$&')
  const again = flag.kind === 'list' ? '*' : ''
  const values = flag.choices
    ? `(${flag.choices.join(' ')})`
    : { directory: '_files -/', file: '_files' }[flag.complete ?? 'file']
  const value = flag.kind === 'boolean' ? '' : `:${flag.name}:${flag.choices || flag.complete ? values : ' '}`
  return words(flag)
    .map((word) => {
      // Both `--flag value` and `--flag=value`.
      const equals = flag.kind !== 'boolean' && word.startsWith('--') ? '=' : ''
      return quote(`${again}${word}${equals}[${summary}]${value}`)
    })
    .join(' ')
}

function zshOperand(command: CommandSpec): string {
  if (command.name === 'completion') return `(${SHELLS.join(' ')})`
  if (command.complete === 'directory') return '_files -/'
  return command.complete === 'file' ? '_files' : ' '
}

function fish(shown: readonly Shown[]): string {
  const lines = ['complete -c cooper -f']
  for (const { command, flags } of shown) {
    const here = `complete -c cooper -n '__fish_seen_subcommand_from ${command.name}'`
    lines.push(
      `complete -c cooper -n __fish_use_subcommand -a ${command.name} -d ${fishQuote(command.summary)}`,
    )
    if (command.name === 'completion') lines.push(`${here} -a '${SHELLS.join(' ')}'`)
    if (command.complete === 'directory') lines.push(`${here} -a '(__fish_complete_directories)'`)
    if (command.complete === 'file') lines.push(`${here} -F`)
    for (const flag of flags) {
      const short = flag.short ? ` -s ${flag.short}` : ''
      const value = flag.kind === 'boolean' ? '' : flag.complete ? ' -r -F' : ' -x'
      const choices = flag.choices ? ` -a '${flag.choices.join(' ')}'` : ''
      lines.push(`${here} -l ${flag.name}${short}${value}${choices} -d ${fishQuote(flag.summary)}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function words(flag: FlagSpec): string[] {
  return flag.short ? [`-${flag.short}`, `--${flag.name}`] : [`--${flag.name}`]
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function fishQuote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
