import { Complaint } from '../dockerfile/complaint.js'
import { lowerCase, trimSpace, upperCase } from '../dockerfile/go-text.js'
import type { DockerfileNode } from '../dockerfile/node.js'
import type { LineRange } from './commands.js'
import { type FlagTable, type FlagValues, readFlags } from './flags.js'

/** A node as the parsers of the instructions want it. */
export interface Request {
  readonly node: DockerfileNode
  /** Upper case, for messages. */
  readonly name: string
  /** The arguments; for ONBUILD the words of the instruction within, keyword first. */
  readonly args: readonly string[]
}

export function requestOf(node: DockerfileNode): Request {
  return { node, name: upperCase(node.keyword), args: allArguments(node) }
}

function allArguments(node: DockerfileNode): readonly string[] {
  return node.child === undefined ? node.args : [node.child.keyword, ...allArguments(node.child)]
}

/** What every command says of itself. */
export function baseOf(request: Request): {
  range: LineRange
  text: string
  keyword: string
  comments: readonly string[]
} {
  const { range, original, keyword, comments } = request.node
  return { range, text: trimSpace(original), keyword, comments }
}

/** The values of the instruction's flags; flags that are not in `table` are a `Complaint`. */
export function flagsOf<Table extends FlagTable>(request: Request, table: Table): FlagValues<Table> {
  return readFlags(request.node.flags, table, request.name)
}

/** For instructions without flags of their own. */
export function refuseFlags(request: Request): void {
  flagsOf(request, {})
}

export function requireArguments(request: Request): void {
  if (request.args.length === 0) {
    throw new Complaint('E_DF_SYNTAX', `${request.name} requires at least one argument`, hintFor(request))
  }
}

export function onlyArgument(request: Request): string {
  const [argument, ...others] = request.args
  if (argument === undefined || others.length > 0) {
    throw new Complaint('E_DF_SYNTAX', `${request.name} requires exactly one argument`, hintFor(request))
  }
  return argument
}

function hintFor(request: Request): { hint: string | undefined } {
  const form = FORMS[lowerCase(request.name)]
  return { hint: form === undefined ? undefined : `write ${form}` }
}

const FORMS: Readonly<Record<string, string>> = {
  arg: 'ARG NAME or ARG NAME=default',
  env: 'ENV NAME=value',
  expose: 'EXPOSE port or EXPOSE port/protocol',
  healthcheck: 'HEALTHCHECK CMD command, or HEALTHCHECK NONE',
  label: 'LABEL name=value',
  maintainer: 'LABEL org.opencontainers.image.authors="name"',
  onbuild: 'ONBUILD and an instruction',
  shell: 'SHELL ["executable", "parameter"]',
  stopsignal: 'STOPSIGNAL SIGTERM',
  user: 'USER name or USER name:group',
  volume: 'VOLUME /path',
  workdir: 'WORKDIR /path',
}
