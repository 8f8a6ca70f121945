import { CooperageError, isCooperageError } from '@cooperage/store'
import { Complaint } from '../dockerfile/complaint.js'
import { parseNodes } from '../dockerfile/parse.js'
import { locate, type SourceText } from '../dockerfile/source-text.js'
import type { Command, LineRange } from './commands.js'
import { nulComplaint } from './encoding.js'
import { parseInstruction } from './parse-instruction.js'

export interface TriggerPlace {
  readonly text: SourceText
  /** The FROM that fires the trigger: errors and the command point at it. */
  readonly range: LineRange
}

/**
 * Understands a trigger that an image stored (`OnBuild` of its config). It is a Dockerfile of one instruction,
 * read with the backslash as escape character, whatever the file it came from had. Throws E_DF_ONBUILD when it
 * is anything else, and the errors of an instruction without the prefix of a line; `data.trigger` is the text.
 */
export function parseTrigger(trigger: string, place: TriggerPlace): Command {
  try {
    return understand(trigger, place.range)
  } catch (error) {
    if (!(error instanceof Complaint) && !isCooperageError(error)) throw error
    throw new CooperageError(error.code, error.message, {
      location: locate(place.text, place.range),
      data: { ...error.data, trigger },
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}

function understand(trigger: string, range: LineRange): Command {
  const { nodes, bytes } = parseNodes(trigger)
  const [node, ...others] = nodes
  if (node === undefined || others.length > 0) {
    throw new Complaint('E_DF_ONBUILD', 'onbuild trigger should be a single expression')
  }
  const instruction = parseInstruction({ ...node, range })
  if (instruction.kind === 'stage') {
    throw new Complaint('E_DF_ONBUILD', "FROM isn't allowed as an ONBUILD trigger")
  }
  const complaint = nulComplaint(node, bytes)
  if (complaint !== undefined) throw complaint
  return instruction.command
}
