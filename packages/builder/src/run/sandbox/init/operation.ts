/**
 * One thing for the program of init-program.ts to do: a verb of its table and the verb's arguments. Text is UTF-8
 * there, numbers are decimal, modes octal.
 */
export type Operation = readonly [verb: string, ...args: (string | number | bigint | Uint8Array)[]]

/** What each of its three processes does; the container's list ends with `start`. */
export interface InitRequest {
  readonly first: readonly Operation[]
  readonly keeper: readonly Operation[]
  readonly container: readonly Operation[]
}

/** A program as the bootstrap reads it: with its length before it. */
export function encodeProgram(program: string): Uint8Array {
  const text = Buffer.from(program)
  return Buffer.concat([size(text.length), text])
}

/** A request as the program reads it: everything with its length before it. */
export function encodeRequest(request: InitRequest): Uint8Array {
  const items: (string | Uint8Array)[] = []
  for (const name of ['first', 'keeper', 'container'] as const) {
    for (const [verb, ...args] of [['section', name] as const, ...request[name]]) {
      items.push(verb, String(args.length))
      for (const arg of args) items.push(arg instanceof Uint8Array ? arg : String(arg))
    }
  }
  const length = items.reduce((sum, item) => sum + WORD + Buffer.byteLength(item), 0)
  const bytes = Buffer.allocUnsafe(WORD + length)
  let at = bytes.writeUInt32BE(length)
  for (const item of items) {
    at = bytes.writeUInt32BE(Buffer.byteLength(item), at)
    if (typeof item === 'string') at += bytes.write(item, at)
    else {
      bytes.set(item, at)
      at += item.length
    }
  }
  return bytes
}

const WORD = 4

function size(value: number): Buffer {
  const bytes = Buffer.alloc(WORD)
  bytes.writeUInt32BE(value)
  return bytes
}
