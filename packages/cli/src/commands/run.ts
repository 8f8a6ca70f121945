import { openFailedRun } from '@cooperage/builder'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'
import { sandboxOptions } from '../build-command/run-options.js'
import type { Invocation } from '../invocation.js'
import { escapeLine } from '../render/escape.js'
import { withStore } from '../with-store.js'

/** Of a program that is not there, and of one that cannot be run: POSIX, "Exit Status for Commands". */
const NOT_FOUND = 127
const NOT_RUNNABLE = 126

/**
 * `cooper run --last-failed`: a shell, or a command, in the files of the last RUN that failed. Answers with the exit
 * code of it, as docker run does.
 */
export async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, terminal, env, signal } = invocation
  if (!flags.on('last-failed')) {
    throw new CooperageError(
      'E_CLI',
      'cooper run looks into the last RUN that failed, and runs nothing else',
      {
        hint: 'write cooper run --last-failed',
      },
    )
  }
  return withStore(invocation, async (store) => {
    await using failed = await openFailedRun({ store, ...sandboxOptions(flags, env), signal })
    if (failed === undefined) {
      throw new CooperageError('E_FAILED_RUN', 'no RUN that failed is kept in this store', {
        hint: 'build first; the files of the last RUN that fails are kept until the next one, or cooper prune',
      })
    }
    const isTerminal = terminal.stdin.isTTY === true && terminal.stdout.isTTY === true
    if (operands.length === 0 && !isTerminal) {
      throw new CooperageError('E_CLI', 'a shell needs a terminal to type into', {
        hint: 'name what is to be run: cooper run --last-failed -- COMMAND',
      })
    }
    const [shell] = failed.shells
    const args = operands.length > 0 ? operands : shell === undefined ? [] : [shell]
    if (args.length === 0) {
      throw new CooperageError('E_FAILED_RUN', 'the image has no shell', {
        hint: 'name a program that it has: cooper run --last-failed -- PROGRAM',
      })
    }
    const state = flags.on('before') ? 'before' : 'after'
    terminal.say(`${state} the failed step: ${escapeLine(failed.text)}\n`)
    const term = env.TERM === undefined ? [] : [`TERM=${env.TERM}`]
    // What nobody reads yet keeps the program waiting, not this process's memory full.
    const onOutput = (stream: 'stdout' | 'stderr', chunk: Uint8Array) =>
      new Promise<void>((resolve) => terminal[stream].write(chunk, () => resolve()))
    try {
      const { exitCode } = await failed.enter({
        state,
        args,
        env: term,
        ...(!isTerminal && { onOutput }),
        signal,
      })
      return exitCode
    } catch (error) {
      if (!isCooperageError(error) || error.code !== 'E_RUN_START') throw error
      terminal.say(`${escapeLine(error.message)}\n`)
      return error.data.errno === 'ENOENT' ? NOT_FOUND : NOT_RUNNABLE
    }
  })
}
