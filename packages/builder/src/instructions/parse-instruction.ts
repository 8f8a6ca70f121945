import { Complaint } from '../dockerfile/complaint.js'
import { lowerCase } from '../dockerfile/go-text.js'
import type { DockerfileNode } from '../dockerfile/node.js'
import { parseAdd } from './add.js'
import { parseArg } from './arg.js'
import { parseCmd } from './cmd.js'
import type { Command, Stage } from './commands.js'
import { parseCopy } from './copy.js'
import { parseEntrypoint } from './entrypoint.js'
import { parseEnv } from './env.js'
import { parseExpose } from './expose.js'
import { parseFrom } from './from.js'
import { parseHealthcheck } from './healthcheck.js'
import { parseLabel } from './label.js'
import { parseMaintainer } from './maintainer.js'
import { parseOnbuild } from './onbuild.js'
import { type Request, requestOf } from './request.js'
import { parseRun } from './run.js'
import { parseShell } from './shell.js'
import { parseStopsignal } from './stopsignal.js'
import { nearest } from './suggest.js'
import { parseUser } from './user.js'
import { parseVolume } from './volume.js'
import { parseWorkdir } from './workdir.js'

/** What one node is: a command, or the start of a stage. */
export type Instruction =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'stage'; readonly stage: Stage }

/** In the order in which equally near keywords are suggested: frequent ones first. */
const COMMANDS: ReadonlyMap<string, (request: Request) => Command> = new Map<
  string,
  (request: Request) => Command
>([
  ['run', parseRun],
  ['copy', parseCopy],
  ['env', parseEnv],
  ['arg', parseArg],
  ['cmd', parseCmd],
  ['add', parseAdd],
  ['workdir', parseWorkdir],
  ['user', parseUser],
  ['label', parseLabel],
  ['expose', parseExpose],
  ['entrypoint', parseEntrypoint],
  ['volume', parseVolume],
  ['shell', parseShell],
  ['healthcheck', parseHealthcheck],
  ['onbuild', parseOnbuild],
  ['stopsignal', parseStopsignal],
  ['maintainer', parseMaintainer],
])

const KEYWORDS: readonly string[] = ['from', ...COMMANDS.keys()]

/** Understands one node. Throws a `Complaint` without the place and without a prefix. */
export function parseInstruction(node: DockerfileNode): Instruction {
  const keyword = lowerCase(node.keyword)
  const request = requestOf(node)
  if (keyword === 'from') return { kind: 'stage', stage: parseFrom(request) }
  const parse = COMMANDS.get(keyword)
  if (parse === undefined) throw unknownInstruction(node.keyword)
  return { kind: 'command', command: parse(request) }
}

function unknownInstruction(keyword: string): Complaint {
  const suggestion = nearest(keyword, KEYWORDS, { caseSensitive: false })
  const meant = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`
  return new Complaint('E_DF_UNKNOWN', `unknown instruction: ${keyword}${meant}`, {
    hint: hintFor(keyword, suggestion),
    data: { keyword, ...(suggestion === undefined ? {} : { suggestion }) },
  })
}

function hintFor(keyword: string, suggestion: string | undefined): string {
  if (keyword.startsWith('//') || keyword.startsWith('{')) {
    return 'this is no Dockerfile; other languages need a frontend, and external frontends are not run'
  }
  if (suggestion !== undefined) return `write ${suggestion}`
  return 'when this line belongs to the instruction above, end that one with the escape character, or use a here-document'
}
