import { hasErrno } from '@cooperage/store/errors'
import type { Terminal } from './invocation.js'

/**
 * The process's streams. A reader of stdout that goes away is reported to `readerGone`, and nothing more is said; one
 * of stderr only ends what is said there, since the work itself is not for it.
 */
export function processTerminal(target: NodeJS.Process, readerGone: () => void): Terminal {
  let silent = false
  const gone = (): void => {
    silent = true
    readerGone()
  }
  // Whoever wrote is told by the callback of the write; without a listener the same error would end the process.
  target.stdout.on('error', (error) => {
    if (isGone(error)) gone()
  })
  target.stderr.on('error', () => {
    silent = true
  })
  return {
    // Opened when asked for: an open stdin costs start-up time and keeps the process alive.
    get stdin() {
      return target.stdin
    },
    stdout: target.stdout,
    stderr: target.stderr,
    print: (text) =>
      new Promise((resolve, reject) => {
        target.stdout.write(text, (error) => {
          if (!error) return resolve()
          if (!isGone(error)) return reject(error)
          gone()
          resolve()
        })
      }),
    say: (text) => {
      if (!silent) target.stderr.write(text)
    },
  }
}

function isGone(error: unknown): boolean {
  return hasErrno(error, 'EPIPE', 'ERR_STREAM_DESTROYED')
}
