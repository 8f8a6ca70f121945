import type { LineRange } from '../instructions/commands.js'
import { Complaint } from './complaint.js'
import { extractFlags } from './extract-flags.js'
import { blankSeparatedForm } from './forms/blank-separated.js'
import { healthForm } from './forms/health.js'
import { maybeJsonForm } from './forms/maybe-json.js'
import { maybeJsonListForm } from './forms/maybe-json-list.js'
import { nameOptionalValueForm } from './forms/name-optional-value.js'
import { nameValueForm } from './forms/name-value.js'
import { stringForm } from './forms/string.js'
import { lowerCase, trimSpace } from './go-text.js'
import { LIMITS } from './limits.js'
import type { DockerfileNode, FormContext, FormResult } from './node.js'

type Form = (text: string, context: FormContext, range: LineRange) => FormResult

/** How the arguments of each keyword are cut. Their meaning is no business of this folder. */
const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['add', maybeJsonListForm],
  ['arg', (text, context) => nameOptionalValueForm(text, context.escape)],
  ['cmd', maybeJsonForm],
  ['copy', maybeJsonListForm],
  ['entrypoint', maybeJsonForm],
  ['env', (text, context) => nameValueForm(text, context.escape, 'ENV')],
  ['expose', blankSeparatedForm],
  ['from', blankSeparatedForm],
  ['healthcheck', healthForm],
  ['label', (text, context) => nameValueForm(text, context.escape, 'LABEL')],
  ['maintainer', stringForm],
  ['onbuild', instructionForm],
  ['run', maybeJsonForm],
  ['shell', maybeJsonForm],
  ['stopsignal', stringForm],
  ['user', stringForm],
  ['volume', maybeJsonListForm],
  ['workdir', stringForm],
])

/** One joined instruction to a node, without comments and here-documents. Throws a `Complaint`. */
export function nodeFromLine(line: string, context: FormContext, range: LineRange): DockerfileNode {
  const trimmed = trimSpace(line)
  const blank = /[\t\v\f\r ]+/.exec(trimmed)
  const keyword = blank === null ? trimmed : trimmed.slice(0, blank.index)
  const { flags, rest } =
    blank === null
      ? { flags: [], rest: '' }
      : extractFlags(trimmed.slice(blank.index + blank[0].length), context.escape)
  const form = FORMS.get(lowerCase(keyword)) ?? unknownForm
  return {
    keyword,
    flags,
    ...form(trimSpace(rest), context, range),
    original: line,
    range,
    comments: [],
    heredocs: [],
    emptyContinuationLines: [],
  }
}

/** An instruction within an instruction: ONBUILD. */
function instructionForm(text: string, context: FormContext, range: LineRange): FormResult {
  if (text === '') return { args: [], json: false }
  if (context.depth >= LIMITS.nesting) {
    throw new Complaint('E_LIMIT', `more than ${LIMITS.nesting} ONBUILD in one instruction`, {
      data: { limit: LIMITS.nesting },
    })
  }
  const child = nodeFromLine(text, { ...context, depth: context.depth + 1 }, range)
  return { args: [], json: false, child }
}

function unknownForm(): FormResult {
  return { args: [''], json: false }
}
