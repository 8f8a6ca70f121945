import { Complaint } from '../dockerfile/complaint.js'
import type { DockerfileNode } from '../dockerfile/node.js'

const NEWLINE = 0x0a

/** The name of the encoding that a file's first bytes give away, when it is not UTF-8. */
export function foreignEncoding(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16'
  return undefined
}

/**
 * The complaint about a NUL byte in an instruction, undefined when there is none. No path, argument or variable
 * of a process can hold one; a file can, which a here-document of COPY or ADD is. `message` is what to say instead of our own words.
 */
export function nulComplaint(
  node: DockerfileNode,
  bytes: Uint8Array,
  message?: string,
): Complaint | undefined {
  const isFile = /^(?:copy|add)$/i.test((node.child ?? node).keyword)
  const texts = [node.original, ...(isFile ? [] : node.heredocs.map((heredoc) => heredoc.content))]
  if (!texts.some((text) => text.includes('\0'))) return undefined
  const offset = bytes.indexOf(0, lineOffset(bytes, node.range.line))
  return new Complaint('E_DF_ENCODING', message ?? `NUL byte at offset ${offset}`, {
    hint: 'remove the byte; when the file is full of them, save it as UTF-8',
    data: { offset },
  })
}

function lineOffset(bytes: Uint8Array, line: number): number {
  let offset = 0
  for (let current = 1; current < line; current++) {
    const newline = bytes.indexOf(NEWLINE, offset)
    if (newline < 0) break
    offset = newline + 1
  }
  return offset
}
