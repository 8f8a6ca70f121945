import type { OnReadOpts, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { BulkReading } from './transport.js'

/** The size of a buffer. Many reads fill one: what is done for each piece is done for each buffer, not for each read. */
const ROOM = 1 << 20
/** Room for a head. What comes of the body in the same read is copied, so it is not much larger. */
const HEAD_ROOM = 16 << 10
/** A reader that waited this long, in milliseconds, is given what there is. */
const PATIENCE = 100
const END_OF_HEAD = '\r\n\r\n'

/** Makes the connection that is wrapped, which reads as it is told here. */
export type Connect = (onread: OnReadOpts) => Socket

/**
 * A connection for one answer with a large body. Node's parser of HTTP is given the head; the body can be claimed, and
 * then comes straight from the kernel in large buffers, where the parser would make a copy of each 64 KiB. What is not
 * claimed goes through the parser as on any connection.
 */
export class BulkConnection extends Duplex {
  readonly #socket: Socket
  readonly #reading: BulkReading
  readonly #spares: Uint8Array<ArrayBuffer>[] = []
  /** `head`: until its end is seen. `held`: until somebody says whose the body is, who is `released` to the parser. */
  #state: 'head' | 'held' | 'released' | 'parser' | 'claimed' = 'head'
  /** The last bytes of what was passed on, in which an end may have begun. */
  #tail = ''
  /** What is read into until the end of the head is seen. */
  #head: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(HEAD_ROOM)
  #current: Uint8Array<ArrayBuffer> | undefined
  /** Bytes in the current buffer that are not ready yet. */
  #filled = 0
  #waitingSince = 0
  #ready: Uint8Array<ArrayBuffer>[] = []
  /** Bytes of the claimed body that were not handed out yet. */
  #left = 0
  /** Nothing more will come, and why. */
  #end: Error | undefined
  #wake: (() => void) | undefined

  constructor(connect: Connect, reading: BulkReading = {}) {
    super({ autoDestroy: true })
    this.#reading = reading
    const socket = connect({
      // The kernel or TLS writes into what is returned here until it is called again, which is after each callback.
      buffer: () => {
        if (this.#head !== undefined) return this.#head
        this.#current ??= this.#spares.pop() ?? this.#given() ?? new Uint8Array(ROOM)
        return this.#filled === 0 ? this.#current : this.#current.subarray(this.#filled)
      },
      callback: (count) => this.#received(count),
    })
    this.#socket = socket
    for (const event of ['connect', 'secureConnect']) socket.once(event, () => this.emit(event))
    socket.once('error', (error) => {
      this.#ended(error)
      this.destroy(error)
    })
    socket.once('end', () => this.#ended(closed()))
    socket.once('close', () => this.#ended(closed()))
  }

  get connecting(): boolean {
    return this.#socket.connecting
  }

  get encrypted(): boolean {
    return (this.#socket as { readonly encrypted?: boolean }).encrypted === true
  }

  /**
   * The next `size` bytes, which are the body, are read by `next` and by nobody else. False where the parser has some
   * of them already.
   */
  claim(size: number): boolean {
    if (this.#state !== 'held') {
      this.release()
      return false
    }
    this.#state = 'claimed'
    this.#left = size
    return true
  }

  /** The body is for the parser. Idempotent, and without effect on what is claimed. */
  release(): void {
    if (this.#state === 'head') this.#state = 'parser'
    if (this.#state !== 'held') return
    this.#state = 'released'
    // Whoever decides is called by the parser, which takes nothing before it has come back.
    process.nextTick(() => {
      this.#state = 'parser'
      for (const piece of this.#ready.splice(0)) this.push(Buffer.from(piece))
      if (this.#end === undefined) this.#socket.resume()
      else this.push(null)
    })
  }

  /**
   * The next piece of the body that was claimed; undefined at its end. One that spans its buffer is the caller's; any
   * other is until the next call.
   * @throws what broke the connection
   */
  async next(last: Uint8Array<ArrayBuffer> | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (last !== undefined && last.byteLength < ROOM && last.buffer.byteLength === ROOM) {
      this.#spares.push(new Uint8Array(last.buffer))
    }
    if (this.#left === 0) return undefined
    if (this.#ready.length === 0 && this.#end === undefined) {
      this.#waitingSince = performance.now()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.#socket.resume()
      })
    }
    const piece = this.#ready.shift()
    if (piece === undefined) throw this.#end
    const taken = piece.byteLength > this.#left ? piece.subarray(0, this.#left) : piece
    this.#left -= taken.byteLength
    return taken
  }

  #received(count: number): boolean {
    if (this.#head !== undefined && this.#state === 'head')
      return this.#headPiece(this.#head.subarray(0, count))
    if (this.#state === 'parser') {
      const bytes = Buffer.from((this.#head ?? this.#current!).subarray(0, count))
      this.#head = undefined
      return this.push(bytes)
    }
    this.#filled += count
    const isEnough =
      this.#state !== 'claimed' ||
      this.#filled === ROOM ||
      this.#filled >= this.#left ||
      performance.now() - this.#waitingSince > PATIENCE
    if (isEnough) this.#handOver()
    return !isEnough
  }

  #handOver(): void {
    if (this.#filled > 0) this.#ready.push(this.#current!.subarray(0, this.#filled))
    this.#current = undefined
    this.#filled = 0
    this.#wakeUp()
  }

  #given(): Uint8Array<ArrayBuffer> | undefined {
    const buffer = this.#reading.spare?.()
    return buffer?.byteLength === ROOM ? new Uint8Array(buffer) : undefined
  }

  /** Passes on the head and not a byte more. The parser keeps what it is given, so that the buffer can be read into again. */
  #headPiece(bytes: Uint8Array<ArrayBuffer>): boolean {
    const text = this.#tail + Buffer.from(bytes.buffer, 0, bytes.byteLength).toString('latin1')
    const at = text.indexOf(END_OF_HEAD)
    if (at === -1) {
      this.#tail = text.slice(-(END_OF_HEAD.length - 1))
      return this.push(Buffer.from(bytes))
    }
    const length = at + END_OF_HEAD.length - this.#tail.length
    this.#state = 'held'
    this.#head = undefined
    if (length < bytes.byteLength) this.#ready.push(bytes.slice(length))
    this.push(Buffer.from(bytes.subarray(0, length)))
    return false
  }

  #ended(reason: Error): void {
    if (this.#end !== undefined) return
    this.#end = reason
    this.#handOver()
    // What is held comes first, when it is known where to.
    if (this.#state === 'head' || this.#state === 'parser') this.push(null)
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  override _read(): void {
    if (this.#state === 'head' || this.#state === 'parser') this.#socket.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    if (this.#socket.destroyed) done()
    else this.#socket.end(() => done())
  }

  /** Called by Node's client when an answer has ended and the connection is not kept. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ended(error ?? closed())
    this.#socket.destroy()
    done(error)
  }
}

function closed(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
}
