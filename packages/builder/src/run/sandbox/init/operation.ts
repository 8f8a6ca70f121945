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
  const body: Buffer[] = []
  const item = (value: Operation[number]): void => {
    const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value))
    body.push(size(bytes.length), Buffer.from(bytes))
  }
  for (const name of ['first', 'keeper', 'container'] as const) {
    for (const [verb, ...args] of [['section', name] as const, ...request[name]]) {
      item(verb)
      item(args.length)
      for (const arg of args) item(arg)
    }
  }
  const length = body.reduce((sum, { length }) => sum + length, 0)
  return Buffer.concat([size(length), ...body])
}

function size(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
