import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { blobThreadSource, type ThreadOrder, type ThreadReport } from './blob-thread.js'

/** A disk that is full after 17 MiB, reads nothing, and is slow to say how a read or a sync went. */
const BAD_DISK = `{
  const builtin = process.getBuiltinModule.bind(process)
  let written = 0
  const failure = (code) => Object.assign(new Error(code), { code, errno: -1, syscall: 'any' })
  const fs = {
    ...builtin('node:fs'),
    writeSync(fd, bytes, offset, length) {
      written += length
      if (written > 17 << 20) throw failure('ENOSPC')
      return length
    },
    fdatasync: (fd, done) => setTimeout(done, 100, null),
    read: (fd, bytes, offset, length, position, done) => setTimeout(done, 100, failure('EIO')),
  }
  process.getBuiltinModule = (name) => (name === 'node:fs' ? fs : builtin(name))
}
`
const MiB = 1 << 20
const JOB = { fd: 99, algorithm: 'sha256' }

let worker: Worker | undefined
afterEach(() => worker?.terminate())

/** A job of a thread of its own, and what is reported until the first of these. */
function job(): { readonly port: MessagePort; readonly until: (...ops: string[]) => Promise<ThreadReport> } {
  worker = new Worker(BAD_DISK + blobThreadSource(), { eval: true })
  const { port1: port, port2 } = new MessageChannel()
  worker.postMessage(port2, [port2])
  const until = (...ops: string[]): Promise<ThreadReport> =>
    new Promise((resolve) =>
      port.on('message', (report: ThreadReport) => {
        if (!ops.includes(report.op)) return
        port.close()
        resolve(report)
      }),
    )
  return { port, until }
}

const order = (port: MessagePort, one: ThreadOrder): void => port.postMessage(one)
const block = (): ThreadOrder => ({
  op: 'block',
  buffer: new ArrayBuffer(MiB),
  length: MiB,
  recycle: false,
})

describe('a thread of the store', () => {
  it('tells of a write that failed also when the end was ordered while the disk was at work', async () => {
    const { port, until } = job()
    order(port, { op: 'ingest', ...JOB, flush: true, have: 0 })
    for (let count = 0; count < 18; count++) order(port, block())
    order(port, { op: 'finish' })
    expect(await until('failed', 'digest')).toMatchObject({ op: 'failed', code: 'ENOSPC' })
  })

  it('lets go of a reader that stops before a read has failed', async () => {
    const { port, until } = job()
    order(port, { op: 'read', ...JOB, size: 10 * MiB })
    order(port, { op: 'more', buffer: new ArrayBuffer(MiB) })
    setTimeout(() => order(port, { op: 'abandon' }), 30)
    expect(await until('failed', 'abandoned')).toEqual({ op: 'abandoned' })
  })

  it('tells of a beginning that cannot be read, and lets go of one that nobody waits for', async () => {
    const first = job()
    order(first.port, { op: 'ingest', ...JOB, flush: false, have: 3 * MiB })
    order(first.port, { op: 'finish' })
    expect(await first.until('failed', 'digest')).toMatchObject({ op: 'failed', code: 'EBADF' })
    await worker!.terminate()
    const second = job()
    order(second.port, { op: 'ingest', ...JOB, flush: false, have: 3 * MiB })
    order(second.port, { op: 'abandon' })
    expect(await second.until('abandoned')).toEqual({ op: 'abandoned' })
  })
})
