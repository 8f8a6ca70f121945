import type { Command } from '../instructions/commands.js'
import { mountFrom } from '../steps/mount-from.js'
import type { Expander } from './expander.js'

/** A `from` as written, and whether its words are to be expanded: quotes count in `--from`, and not in a mount. */
export interface SourceText {
  readonly from: string
  readonly expands: boolean
}

const NOTHING: ReadonlyMap<string, string> = new Map()

/** What a command takes files from, as written: `--from` of COPY, `from=` of the mounts of RUN. @throws E_DF_VAR */
export function sourceTexts(command: Command, expander: Expander): readonly SourceText[] {
  if (command.kind === 'copy') {
    const { from = '' } = command
    return from === '' ? [] : [{ from, expands: expander.word(from, NOTHING) !== from }]
  }
  if (command.kind !== 'run') return []
  return command.mounts.flatMap((mount) => {
    const from = mountFrom(mount)
    return from === undefined ? [] : [{ from, expands: /\$[^\n]/.test(from) }]
  })
}
