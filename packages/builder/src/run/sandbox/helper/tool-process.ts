import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { TOOL_PATH } from '../host-tools.js'
import { encodeRequest, type Operation } from '../init/operation.js'
import { type HelperKind, helperOf } from './helper.js'

/** A program of this machine at work. */
export interface ToolProcess {
  readonly stdout: Readable
  /** How it ended: as wait(2) tells, undefined when nobody knows, and what it wrote to stderr. */
  readonly ended: Promise<{ readonly status: number | undefined; readonly stderr: string }>
  kill(): void
}

export interface ToolPlace extends HelperKind {
  /** What leads to where the program is to run. */
  readonly first: readonly Operation[]
}

/** Starts a program, nothing on its stdin. What it writes has to be read. @throws E_SANDBOX */
export async function toolProcess(command: readonly string[], place: ToolPlace): Promise<ToolProcess> {
  const { pid, requests, messages, words, outputs, gone, release } = await helperOf(place).process()
  requests.on('error', () => {})
  const start: Operation = ['tool', command.length, ...command, `PATH=${TOOL_PATH}`, 'LC_ALL=C']
  requests.write(encodeRequest({ first: [...place.first, start], keeper: [], container: [] }))
  const said = Promise.all([text(messages), text(outputs!.stderr), text(words), gone])
  const ended = said
    .then(([lines, stderr, helpers, status]) => ({
      // What it says itself is why there was no program to end.
      status: lines === '' ? status : undefined,
      stderr: `${stderr}${lines.replaceAll('\t', ' ')}${helpers}`,
    }))
    .finally(() => {
      requests.destroy()
      release()
    })
  ended.catch(() => {})
  let isOver = false
  ended.then(
    () => {
      isOver = true
    },
    () => {},
  )
  return {
    stdout: outputs!.stdout,
    ended,
    kill() {
      if (isOver) return
      outputs!.stdout.destroy()
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    },
  }
}
