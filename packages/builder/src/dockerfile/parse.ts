import { CooperageError } from '@cooperage/store'
import type { Heredoc } from '../instructions/commands.js'
import { Complaint } from './complaint.js'
import { continuedLine } from './continuation.js'
import { decodeLines } from './decode-lines.js'
import { detectCheck, detectSyntax } from './detect-directive.js'
import { type Directive, DirectiveReader, escapeOf } from './directives.js'
import { lowerCase, trimLeftSpace, trimSpace } from './go-text.js'
import { type HeredocMark, heredocMarks } from './heredoc.js'
import { LIMITS } from './limits.js'
import { LineReader, trimLineEnd } from './line-reader.js'
import type { DockerfileNode } from './node.js'
import { nodeFromLine } from './node-from-line.js'
import { complain, locate, type SourceText } from './source-text.js'

/** A Dockerfile cut into nodes. */
export interface ParsedDockerfile extends SourceText {
  readonly nodes: readonly DockerfileNode[]
  /** In order; each name at most once. */
  readonly directives: readonly Directive[]
  /** `\` or `` ` ``. */
  readonly escape: string
  /** The frontend that the file asks for, without the words behind the reference; it is never run. */
  readonly syntax?: string
  /** `# check=` as written. */
  readonly check?: string
  /** The file as given, for byte offsets. */
  readonly bytes: Uint8Array
}

export interface ParseOptions {
  /** Name of the file in messages; default `Dockerfile`. */
  readonly name?: string
}

/**
 * Cuts a Dockerfile into nodes, as BuildKit's parser does. Throws E_DF_EMPTY, E_DF_DIRECTIVE, E_DF_HEREDOC,
 * E_DF_SYNTAX and E_LIMIT, with BuildKit's words as the message.
 */
export function parseNodes(input: string | Uint8Array, options: ParseOptions = {}): ParsedDockerfile {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input
  const file = options.name ?? 'Dockerfile'
  if (bytes.length > LIMITS.fileBytes) {
    throw new CooperageError('E_LIMIT', `the Dockerfile is larger than ${LIMITS.fileBytes} bytes`, {
      hint: 'keep large content in files of the build context and COPY them',
      location: { file, line: 1 },
      data: { limit: LIMITS.fileBytes, found: bytes.length },
    })
  }
  const { lines, tooLong } = decodeLines(bytes)
  const text = { file, lines: lines.map(trimLineEnd) }
  const parser = new Parser(lines, text)
  const nodes = parser.parse()
  if (nodes.length === 0) throw emptyFile(text, tooLong)
  if (tooLong !== undefined) throw lineTooLong(text, tooLong)
  const syntax = detectSyntax(lines)
  const check = detectCheck(lines)
  return {
    ...text,
    nodes,
    directives: parser.directives,
    escape: parser.escape,
    ...(syntax === undefined ? {} : { syntax }),
    ...(check === undefined ? {} : { check }),
    bytes,
  }
}

function emptyFile(text: SourceText, tooLong: number | undefined): CooperageError {
  const line = Math.max(1, text.lines.length)
  return new CooperageError('E_DF_EMPTY', 'file with no instructions', {
    hint:
      tooLong === undefined
        ? 'a Dockerfile starts with FROM and the name of a base image, or FROM scratch'
        : `reading ended at line ${tooLong}, which is longer than ${LIMITS.lineBytes} bytes`,
    location: locate(text, { line, endLine: line }),
  })
}

function lineTooLong(text: SourceText, line: number): CooperageError {
  return new CooperageError(
    'E_LIMIT',
    `dockerfile line greater than max allowed size of ${LIMITS.lineBytes}`,
    {
      hint: 'break the line with the escape character, or move its content to a file of the build context',
      location: locate(text, { line, endLine: line }),
      data: { limit: LIMITS.lineBytes },
    },
  )
}

class Parser {
  readonly #reader: LineReader
  readonly #text: SourceText
  readonly #directives = new DirectiveReader()
  #escape = '\\'
  #comments: string[] = []

  constructor(lines: readonly string[], text: SourceText) {
    this.#reader = new LineReader(lines)
    this.#text = text
  }

  get escape(): string {
    return this.#escape
  }

  get directives(): readonly Directive[] {
    return this.#directives.found
  }

  parse(): readonly DockerfileNode[] {
    const nodes: DockerfileNode[] = []
    for (let raw = this.#reader.next(); raw !== undefined; raw = this.#reader.next()) {
      const line = trimLeftSpace(trimLineEnd(raw))
      // A directive describes the file and no instruction, so it is no comment above one.
      if (this.#isDirective(line)) continue
      if (line.startsWith('#')) this.#addComment(raw)
      else if (line !== '') nodes.push(this.#instruction(line))
      if (nodes.length > LIMITS.instructions) throw this.#tooManyInstructions()
    }
    return nodes
  }

  #isDirective(line: string): boolean {
    return this.#located(this.#reader.lineNumber, () => {
      const directive = this.#directives.read(line)
      if (directive?.name === 'escape') this.#escape = escapeOf(directive)
      return directive !== undefined
    })
  }

  #addComment(raw: string): void {
    // Cut behind the first character even when that is a blank: what is left then keeps its `#`.
    const comment = trimSpace(raw.slice(1))
    if (comment === '') this.#comments = []
    else this.#comments.push(comment)
  }

  #instruction(first: string): DockerfileNode {
    const line = this.#reader.lineNumber
    const { text, emptyLines } = this.#joined(first)
    const comments = this.#comments
    this.#comments = []
    const range = { line, endLine: this.#reader.lineNumber }
    return this.#located(line, () => {
      const node = nodeFromLine(text, { escape: this.#escape, depth: 0 }, range)
      const heredocs = canHoldHeredocs(node)
        ? heredocMarks(text).map((mark) => this.#heredoc(mark, range.endLine))
        : []
      return {
        ...node,
        range: { line, endLine: this.#reader.lineNumber },
        comments,
        heredocs,
        emptyContinuationLines: emptyLines,
      }
    })
  }

  /** The instruction that starts with `first`: continuation lines keep their leading blanks, comments vanish. */
  #joined(first: string): { text: string; emptyLines: readonly number[] } {
    const parts: string[] = []
    const emptyLines: number[] = []
    let line: string | undefined = first
    while (line !== undefined) {
      const continued = continuedLine(line, this.#escape)
      parts.push(continued ?? line)
      if (continued === undefined) break
      line = this.#nextOfInstruction(emptyLines)
    }
    return { text: parts.join(''), emptyLines }
  }

  #nextOfInstruction(emptyLines: number[]): string | undefined {
    for (let raw = this.#reader.next(); raw !== undefined; raw = this.#reader.next()) {
      const line = trimLineEnd(raw)
      const content = trimLeftSpace(line)
      if (content.startsWith('#')) continue
      if (content !== '') return line
      emptyLines.push(this.#reader.lineNumber)
    }
    return undefined
  }

  /** Reads the body that `mark` announces, up to and with the line that ends it. */
  #heredoc(mark: HeredocMark, openingLine: number): Heredoc {
    const body: string[] = []
    for (let raw = this.#reader.next(); raw !== undefined; raw = this.#reader.next()) {
      const line = trimLineEnd(raw)
      if ((mark.chomp ? line.replace(/^\t+/, '') : line) === mark.name) {
        return { ...mark, content: body.join('') }
      }
      body.push(raw)
    }
    throw new Complaint('E_DF_HEREDOC', 'unterminated heredoc', {
      hint: `end the here-document that line ${openingLine} opens with a line that holds ${mark.name} and nothing else`,
      data: { delimiter: mark.name, openingLine },
    })
  }

  #located<Result>(line: number, work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Complaint)) throw error
      throw complain(error, locate(this.#text, { line, endLine: this.#reader.lineNumber }))
    }
  }

  #tooManyInstructions(): CooperageError {
    const line = this.#reader.lineNumber
    return new CooperageError('E_LIMIT', `more than ${LIMITS.instructions} instructions`, {
      location: locate(this.#text, { line, endLine: line }),
      data: { limit: LIMITS.instructions },
    })
  }
}

const WITH_HEREDOCS = new Set(['add', 'copy', 'run'])

function canHoldHeredocs(node: DockerfileNode): boolean {
  const inner = lowerCase(node.keyword) === 'onbuild' ? (node.child ?? node) : node
  return WITH_HEREDOCS.has(lowerCase(inner.keyword)) && !inner.json
}
