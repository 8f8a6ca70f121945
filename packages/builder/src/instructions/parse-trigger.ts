import { CooperageError } from '@cooperage/store'
import { Complaint } from '../dockerfile/complaint.js'
import { parseNodes } from '../dockerfile/parse.js'
import { complain, locate, type SourceText } from '../dockerfile/source-text.js'
import type { Command, LineRange } from './commands.js'
import { parseInstruction } from './parse-instruction.js'

export interface TriggerPlace {
  readonly text: SourceText
  /** The FROM that fires the trigger: errors and the command point at it. */
  readonly range: LineRange
}

/**
 * Understands a trigger that an image stored (`OnBuild` of its config). It is a Dockerfile of one instruction,
 * read with the backslash as escape character, whatever the file it came from had. Throws E_DF_ONBUILD when it
 * is anything else, and the errors of an instruction without the prefix of a line.
 */
export function parseTrigger(trigger: string, place: TriggerPlace): Command {
  const location = locate(place.text, place.range)
  const [node, ...others] = parseNodes(trigger, { name: 'ONBUILD trigger' }).nodes
  if (node === undefined || others.length > 0) {
    throw new CooperageError('E_DF_ONBUILD', 'onbuild trigger should be a single expression', {
      location,
      data: { trigger },
    })
  }
  try {
    const instruction = parseInstruction({ ...node, range: place.range })
    if (instruction.kind === 'command') return instruction.command
  } catch (error) {
    if (!(error instanceof Complaint)) throw error
    throw complain(error, location)
  }
  throw new CooperageError('E_DF_ONBUILD', "FROM isn't allowed as an ONBUILD trigger", {
    location,
    data: { trigger },
  })
}
