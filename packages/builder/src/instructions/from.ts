import { Complaint } from '../dockerfile/complaint.js'
import { goQuote } from '../dockerfile/go-quote.js'
import { lowerCase } from '../dockerfile/go-text.js'
import type { Stage } from './commands.js'
import { descriptionOf } from './description.js'
import { baseOf, flagsOf, type Request } from './request.js'

const FLAGS = { platform: 'text' } as const

/** FROM: a stage without commands yet. */
export function parseFrom(request: Request): Stage {
  const [baseName = '', asKeyword = '', writtenName = ''] = request.args
  // With the flag `u` the long s (U+017F) is an `s`, as it is to Go's `EqualFold`.
  const named = request.args.length === 3 && /^as$/iu.test(asKeyword)
  if (!named && request.args.length !== 1) {
    throw new Complaint('E_DF_SYNTAX', 'FROM requires either one or three arguments', {
      hint: 'write FROM image, or FROM image AS name',
    })
  }
  const name = lowerCase(writtenName)
  if (named && !/^[a-z][a-z0-9-_.]*$/.test(name)) {
    throw new Complaint(
      'E_DF_STAGE_NAME',
      `invalid name for build stage: ${goQuote(writtenName)}, name can't start with a number or contain symbols`,
      { hint: 'use letters, digits, "-", "_" and ".", and a letter first' },
    )
  }
  const flags = flagsOf(request, FLAGS)
  return {
    ...baseOf(request),
    name,
    writtenName,
    baseName,
    platform: flags.platform ?? '',
    asKeyword,
    description: descriptionOf(name, request.node.comments),
    commands: [],
  }
}
