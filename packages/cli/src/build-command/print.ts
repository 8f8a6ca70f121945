import { CooperageError } from '@cooperage/store/errors'
import type { FlagValues } from '../flags/parse.js'

/** The listing of the context, in place of a build. */
export interface Print {
  readonly format: 'text' | 'json'
  /** Also what is inside of ignored directories. */
  readonly whole: boolean
}

/** What --print asks for: `context[,format=text|json][,ignored=all]`; undefined without it. @throws E_CLI */
export function printOf(flags: FlagValues): Print | undefined {
  const asked = flags.text('print')
  if (asked === undefined) return undefined
  if (flags.text('call') !== undefined || flags.on('check')) {
    throw new CooperageError(
      'E_CLI',
      '--print lists the context, and --call and --check read the Dockerfile',
      {
        hint: 'run one after the other',
      },
    )
  }
  let print: Print = { format: 'text', whole: false }
  for (const setting of asked.split(',').slice(1)) {
    if (setting === 'format=text' || setting === 'format=json') {
      print = { ...print, format: setting === 'format=json' ? 'json' : 'text' }
    } else if (setting === 'ignored=all') print = { ...print, whole: true }
    else {
      throw new CooperageError('E_CLI', `--print cannot be ${JSON.stringify(asked)}`, {
        hint: 'after context may stand ,format=text or ,format=json, and ,ignored=all',
      })
    }
  }
  return print
}
