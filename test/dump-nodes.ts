import { goQuote } from '../packages/builder/src/dockerfile/go-quote.js'
import { lowerCase, trimSpace } from '../packages/builder/src/dockerfile/go-text.js'
import type { DockerfileNode } from '../packages/builder/src/dockerfile/node.js'

/** Nodes as the S-expressions of BuildKit's parser tests: one line for each instruction. */
export function dumpNodes(nodes: readonly DockerfileNode[]): string {
  return trimSpace(nodes.map((node) => `(${dumpNode(node)})\n`).join(''))
}

function dumpNode(node: DockerfileNode): string {
  const flags = node.flags.length === 0 ? '' : ` [${node.flags.map(goQuote).join(' ')}]`
  const child = node.child === undefined ? '' : ` (${dumpNode(node.child)})`
  const args = node.args.map((argument) => ` ${goQuote(argument)}`).join('')
  return trimSpace(`${lowerCase(node.keyword)}${flags}${child}${args}`)
}
