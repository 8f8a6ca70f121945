import type { Socket } from 'node:net'
import type { InitProcess } from './init-process.js'

/** A process of a helper that waits for somebody with a request. */
export interface SpareProcess {
  /** The process, once; undefined when it has ended meanwhile. */
  take(): InitProcess | undefined
  /** Nobody has a request any more. */
  giveUp(): void
}

/** Until it is taken, it keeps nothing from ending. */
export function spareProcess(process: InitProcess): SpareProcess {
  const { requests, messages, words, outputs, gone } = process
  const streams = [requests, messages, words, ...Object.values(outputs ?? {})] as Socket[]
  for (const stream of streams) stream.unref()
  let left: InitProcess | undefined = process
  const giveUp = (): void => {
    if (left === undefined) return
    left = undefined
    for (const stream of streams) stream.destroy()
  }
  void gone.then(giveUp)
  return {
    giveUp,
    take() {
      const taken = left
      left = undefined
      if (taken !== undefined) for (const stream of streams) stream.ref()
      return taken
    },
  }
}
