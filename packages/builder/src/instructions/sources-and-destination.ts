import { Complaint } from '../dockerfile/complaint.js'
import { parseHeredocMark } from '../dockerfile/heredoc.js'
import type { Heredoc } from './commands.js'
import type { Request } from './request.js'

export interface SourcesAndDestination {
  readonly sources: readonly string[]
  readonly heredocs: readonly Heredoc[]
  readonly destination: string
}

/** COPY and ADD need a source and a destination at least. */
export function requireDestination(request: Request): void {
  if (request.args.length >= 2) return
  throw new Complaint(
    'E_DF_SYNTAX',
    `${request.name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    { hint: `write ${request.name} source… destination` },
  )
}

/** Parts the arguments of COPY and ADD. Of two here-documents with one name, both get the later body. */
export function sourcesAndDestination(request: Request): SourcesAndDestination {
  const destination = request.args.at(-1) ?? ''
  if (parseHeredocMark(destination) !== undefined) {
    throw new Complaint('E_DF_HEREDOC', `${request.name} cannot accept a heredoc as a destination`, {
      hint: `name the file behind the here-document: ${request.name} ${destination} /path`,
    })
  }
  const bodies = new Map(request.node.heredocs.map((heredoc) => [heredoc.name, heredoc.content]))
  const sources: string[] = []
  const heredocs: Heredoc[] = []
  for (const source of request.args.slice(0, -1)) {
    const mark = parseHeredocMark(source)
    if (mark === undefined) sources.push(source)
    else heredocs.push({ ...mark, content: bodies.get(mark.name) ?? '' })
  }
  return { sources, heredocs, destination }
}
