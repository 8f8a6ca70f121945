import type { Buffer as NodeBuffer } from 'node:buffer'
import type { MessagePort } from 'node:worker_threads'

/**
 * To the thread, on a port of the job's own: `ingest` or `read` and what belongs to it, until `digest`, `end`, `failed`
 * or `abandoned` comes back. Any number of jobs at a time, each of which gets its turn for a block.
 */
export type ThreadOrder =
  | {
      readonly op: 'ingest'
      readonly fd: number
      readonly algorithm: string
      readonly flush: boolean
      /** Bytes that the file has already, to be hashed before the first block. */
      readonly have: number
    }
  | { readonly op: 'block'; readonly buffer: ArrayBuffer; readonly length: number; readonly recycle: boolean }
  | { readonly op: 'finish' }
  | { readonly op: 'read'; readonly fd: number; readonly algorithm: string; readonly size: number }
  /** Another chunk is welcome, in this buffer. */
  | { readonly op: 'more'; readonly buffer: ArrayBuffer }
  /** Answered with `abandoned` once the thread no longer uses the descriptor. */
  | { readonly op: 'abandon' }

/** From the thread. */
export type ThreadReport =
  /** A block is hashed and written; `buffer` is given back when that was asked for. */
  | { readonly op: 'done'; readonly length: number; readonly buffer?: ArrayBuffer }
  | { readonly op: 'digest'; readonly hex: string }
  | { readonly op: 'chunk'; readonly buffer: ArrayBuffer; readonly length: number }
  | { readonly op: 'end'; readonly hex: string; readonly size: number }
  | {
      readonly op: 'failed'
      readonly message: string
      readonly code: string
      readonly errno: number
      readonly syscall: string
    }
  | { readonly op: 'abandoned' }

/**
 * The text of the program of the thread that hashes blobs beside their reading and writing. It is made from a
 * function that uses nothing outside itself, so that it is the same from sources, from a build and in a bundle.
 */
export function blobThreadSource(): string {
  // Some compilers wrap every function in `__name` to keep its name.
  return `const __name = (f) => f; (${blobThread.toString()})()`
}

function blobThread(): void {
  const { MessageChannel, parentPort } = process.getBuiltinModule('node:worker_threads')
  const { createHash } = process.getBuiltinModule('node:crypto')
  const fs = process.getBuiltinModule('node:fs')
  const { Buffer } = process.getBuiltinModule('node:buffer')

  /** The disk is set to work each time this much has been written, so that the last fsync has little to wait for. */
  const FLUSH_EVERY = 16 << 20

  // What is sent to a closed port is freed at once. A block that waits for the garbage collector of a thread that
  // makes no other garbage waits for long.
  const { port1: drain, port2: drained } = new MessageChannel()
  drained.close()

  ;(parentPort as MessagePort).on('message', (port: MessagePort) => work(port))

  function work(port: MessagePort): void {
    const report = (message: unknown, transfer?: ArrayBuffer[]): void => port.postMessage(message, transfer)
    let hash = createHash('sha256')
    let fd = -1
    let flush = false
    let position = 0
    let sinceFlush = 0
    /** Calls of the thread pool that still use the descriptor. */
    let running = 0
    let stopped = true
    let whenIdle: (() => void) | undefined
    /** Orders that came while a beginning is hashed. */
    let waiting: ThreadOrder[] | undefined
    let left = 0
    let empty: ArrayBuffer[] = []
    let readSize = 0

    const begin = (order: { fd: number; algorithm: string }): void => {
      hash = createHash(order.algorithm)
      fd = order.fd
      position = 0
      sinceFlush = 0
      running = 0
      stopped = false
      whenIdle = undefined
    }
    const ended = (): void => {
      running--
      if (running === 0) whenIdle?.()
    }
    const idle = (then: () => void): void => {
      whenIdle = then
      if (running === 0) then()
    }
    const fail = (error: NodeJS.ErrnoException): void => {
      if (stopped) return
      stopped = true
      // Told only when nothing is under way: the other side will close the descriptor.
      idle(() => {
        whenIdle = undefined
        const { message, code = '', errno = 0, syscall = '' } = error
        report({ op: 'failed', message, code, errno, syscall })
      })
    }

    // By this thread itself, and not by the pool: what was just hashed is still in the processor's cache, and the pool's
    // few threads may all be waiting for the disk.
    const write = (bytes: NodeBuffer): void => {
      for (let done = 0; done < bytes.length; ) {
        const count = fs.writeSync(fd, bytes, done, bytes.length - done, position + done)
        if (count === 0)
          throw Object.assign(new Error('a write took no bytes'), { code: 'EIO', syscall: 'write' })
        done += count
      }
      position += bytes.length
    }
    const block = (buffer: ArrayBuffer, length: number, recycle: boolean): void => {
      if (stopped) return
      const bytes = Buffer.from(buffer, 0, length)
      try {
        hash.update(bytes)
        write(bytes)
      } catch (error) {
        fail(error as NodeJS.ErrnoException)
        return
      }
      if (!recycle) drain.postMessage(null, [buffer])
      report(recycle ? { op: 'done', length, buffer } : { op: 'done', length }, recycle ? [buffer] : [])
      sinceFlush += length
      if (flush && sinceFlush >= FLUSH_EVERY) {
        sinceFlush = 0
        running++
        fs.fdatasync(fd, (error) => {
          if (error) fail(error)
          ended()
        })
      }
    }

    /** A block a turn. The hash has to see this first, so what is ordered meanwhile waits. */
    const hashBeginning = (have: number): void => {
      const bytes = Buffer.alloc(1 << 20)
      const orders: ThreadOrder[] = []
      waiting = orders
      const next = (): void => {
        if (!stopped && position < have) {
          try {
            const count = fs.readSync(fd, bytes, 0, Math.min(bytes.length, have - position), position)
            if (count === 0)
              throw Object.assign(new Error('the file was cut'), { code: 'EIO', syscall: 'read' })
            hash.update(bytes.subarray(0, count))
            position += count
          } catch (error) {
            fail(error as NodeJS.ErrnoException)
          }
          setImmediate(next)
          return
        }
        waiting = undefined
        for (const order of orders) obey(order)
      }
      next()
    }

    const readNext = (): void => {
      if (stopped || running > 0) return
      if (left === 0) {
        stopped = true
        report({ op: 'end', hex: hash.digest('hex'), size: readSize })
        return
      }
      const buffer = empty.pop()
      if (buffer === undefined) return
      const bytes = Buffer.from(buffer, 0, Math.min(buffer.byteLength, left))
      running++
      fs.read(fd, bytes, 0, bytes.length, position, (error, count) => {
        running--
        // Whoever stopped waits for the end of this, however it ends.
        if (stopped) return whenIdle?.()
        if (error) return fail(error)
        if (count === 0) {
          left = 0
          return readNext()
        }
        position += count
        readSize += count
        left -= count
        if (left > 0) readNext()
        hash.update(count === bytes.length ? bytes : bytes.subarray(0, count))
        report({ op: 'chunk', buffer, length: count }, [buffer])
        return readNext()
      })
    }

    const obey = (order: ThreadOrder): void => {
      switch (order.op) {
        case 'ingest':
          flush = order.flush
          begin(order)
          if (order.have > 0) hashBeginning(order.have)
          break
        case 'block':
          block(order.buffer, order.length, order.recycle)
          break
        case 'finish':
          // A failure is told when nothing is under way; nothing must take its place.
          if (stopped) break
          idle(() => {
            whenIdle = undefined
            if (stopped) return
            stopped = true
            report({ op: 'digest', hex: hash.digest('hex') })
          })
          break
        case 'read':
          begin(order)
          left = order.size
          readSize = 0
          empty = []
          readNext()
          break
        case 'more':
          empty.push(order.buffer)
          readNext()
          break
        case 'abandon':
          stopped = true
          idle(() => {
            whenIdle = undefined
            report({ op: 'abandoned' })
          })
          break
      }
    }

    port.on('message', (order: ThreadOrder) => {
      if (order.op === 'abandon') stopped = true
      if (waiting === undefined) obey(order)
      else waiting.push(order)
    })
  }
}
