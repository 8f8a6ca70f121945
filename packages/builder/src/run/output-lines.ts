import { StringDecoder } from 'node:string_decoder'
import { SecretMask } from './secret-mask.js'

export type OutputStream = 'stdout' | 'stderr'

export interface OutputLinesOptions {
  readonly onLines: (stream: OutputStream, text: string) => void
  /** Values that are shown as `***`. */
  readonly secrets: readonly Uint8Array[]
}

/** A line without an end is shown after this many milliseconds, or characters: a question, a bar that grows. */
const PATIENCE = 200
const LONGEST_LINE = 16 << 10
/** What one step may write before the rest is left out. */
const LIMIT = 16 << 20
const TAIL_LINES = 20
const TAIL_WIDTH = 500

/** What a process writes, as text in whole lines; remembers the last of them. */
export class OutputLines {
  readonly #options: OutputLinesOptions
  readonly #mask: SecretMask
  readonly #streams: Readonly<Record<OutputStream, LineStream>>
  readonly #tail: string[] = []
  #shown = 0

  constructor(options: OutputLinesOptions) {
    this.#options = options
    this.#mask = new SecretMask(options.secrets)
    const stream = (name: OutputStream) => new LineStream(this.#mask, (text) => this.#show(name, text))
    this.#streams = { stdout: stream('stdout'), stderr: stream('stderr') }
  }

  /** The last lines, at most twenty. */
  get tail(): readonly string[] {
    return this.#tail
  }

  take(stream: OutputStream, chunk: Uint8Array): void {
    this.#streams[stream].take(chunk)
  }

  end(): void {
    this.#streams.stdout.end()
    this.#streams.stderr.end()
  }

  #show(stream: OutputStream, text: string): void {
    let shown = this.#mask.mask(text)
    this.#tail.push(...shown.replace(/\n$/, '').split('\n').map(shorten))
    this.#tail.splice(0, Math.max(0, this.#tail.length - TAIL_LINES))
    if (this.#shown > LIMIT) return
    this.#shown += shown.length
    if (this.#shown > LIMIT) shown += `[output clipped: the step wrote more than ${LIMIT >> 20} MiB]\n`
    this.#options.onLines(stream, shown)
  }
}

class LineStream {
  readonly #decoder = new StringDecoder('utf8')
  readonly #mask: SecretMask
  readonly #show: (text: string) => void
  #pending = ''
  #timer: NodeJS.Timeout | undefined

  constructor(mask: SecretMask, show: (text: string) => void) {
    this.#mask = mask
    this.#show = show
  }

  take(chunk: Uint8Array): void {
    this.#pending += this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    const end = this.#pending.lastIndexOf('\n') + 1
    if (end > 0) this.#release(end)
    if (this.#pending.length > LONGEST_LINE) this.#releasePart()
    if (this.#pending !== '') this.#timer ??= setTimeout(() => this.#releasePart(), PATIENCE)
  }

  end(): void {
    this.#pending += this.#decoder.end()
    this.#release(this.#pending.length)
  }

  /** Of a line whose end is not there yet. */
  #releasePart(): void {
    this.#release(this.#mask.settled(this.#pending))
  }

  #release(length: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const text = this.#pending.slice(0, length)
    this.#pending = this.#pending.slice(length)
    if (text !== '') this.#show(text)
  }
}

function shorten(line: string): string {
  return line.length > TAIL_WIDTH ? `${line.slice(0, TAIL_WIDTH)}…` : line
}
