import { Complaint } from '../dockerfile/complaint.js'
import type { DockerfileNode } from '../dockerfile/node.js'
import type { ParsedDockerfile } from '../dockerfile/parse.js'
import { complain, locate } from '../dockerfile/source-text.js'
import { checkDescription, checkNode } from '../lint/check-nodes.js'
import type { Checks } from '../lint/checks.js'
import type { ArgCommand, Command, Dockerfile, Stage } from './commands.js'
import { foreignEncoding, nulComplaint } from './encoding.js'
import { type Instruction, parseInstruction } from './parse-instruction.js'

/**
 * Understands the nodes of a file. A file of ARGs alone gives no stages, and no error here. Throws E_DF_UNKNOWN,
 * E_DF_NO_FROM, E_DF_FLAG, E_DF_SYNTAX, E_DF_ENCODING and others, with BuildKit's words as the message. `checks` take
 * what they find up to the first error.
 */
export function parseInstructions(parsed: ParsedDockerfile, checks?: Checks): Dockerfile {
  const globalArgs: ArgCommand[] = []
  const stages: { stage: Stage; commands: Command[] }[] = []
  for (const node of parsed.nodes) {
    if (checks !== undefined) checkNode(node, checks)
    const instruction = understand(node, parsed)
    if (checks !== undefined) checkDescription(node, namesOf(instruction), checks)
    if (instruction.kind === 'stage') {
      stages.push({ stage: instruction.stage, commands: [] })
      continue
    }
    const { command } = instruction
    const current = stages.at(-1)
    if (current !== undefined) current.commands.push(command)
    else if (command.kind === 'arg') globalArgs.push(command)
    else throw noStage(node, parsed)
  }
  return {
    globalArgs,
    stages: stages.map(({ stage, commands }) => ({ ...stage, commands })),
    escape: parsed.escape,
    ...(parsed.syntax === undefined ? {} : { syntax: parsed.syntax }),
    ...(parsed.check === undefined ? {} : { check: parsed.check }),
    file: parsed.file,
    lines: parsed.lines,
  }
}

/** Names that a comment above may describe. */
function namesOf(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'stage') return instruction.stage.name === '' ? [] : [instruction.stage.name]
  const { command } = instruction
  return command.kind === 'arg' ? command.args.map(({ key }) => key) : []
}

function understand(node: DockerfileNode, parsed: ParsedDockerfile): Instruction {
  try {
    const instruction = parseInstruction(node)
    // A NUL in FROM makes an invalid reference, and says so where references are read.
    const complaint = instruction.kind === 'stage' ? undefined : nulComplaint(node, parsed.bytes)
    if (complaint !== undefined) throw complaint
    return instruction
  } catch (error) {
    if (!(error instanceof Complaint)) throw error
    const { line } = node.range
    throw complain(
      withEncoding(error, node, parsed),
      locate(parsed, node.range),
      `dockerfile parse error on line ${line}: `,
    )
  }
}

/** Keywords that nobody wrote: the file is not UTF-8, which is the thing to say in the code and the hint. */
function withEncoding(complaint: Complaint, node: DockerfileNode, parsed: ParsedDockerfile): Complaint {
  if (complaint.code !== 'E_DF_UNKNOWN') return complaint
  const encoding = foreignEncoding(parsed.bytes)
  if (encoding !== undefined) {
    return new Complaint('E_DF_ENCODING', complaint.message, {
      hint: `the file is ${encoding}; save it as UTF-8`,
      data: { offset: 0, encoding },
    })
  }
  return nulComplaint(node, parsed.bytes, complaint.message) ?? complaint
}

function noStage(node: DockerfileNode, parsed: ParsedDockerfile): Error {
  return complain(
    new Complaint('E_DF_NO_FROM', 'no build stage in current context', {
      hint: 'put a FROM before this instruction; only ARG may stand above the first FROM',
    }),
    locate(parsed, node.range),
  )
}
