import type { FailedRun } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import type { Invocation } from '../invocation.js'
import { escapeLine } from '../render/escape.js'

/** Holds the progress back while a person types. */
export interface Pause {
  begin(): void
  end(): void
}

/** What a failed RUN opens with `--debug-shell`; undefined without it. @throws E_CLI without a terminal */
export function debugShell(
  { flags, terminal, env, signal }: Invocation,
  pause: Pause,
): ((failed: FailedRun) => Promise<void>) | undefined {
  const wanted = flags.text('debug-shell') ?? 'false'
  if (wanted === 'false') return undefined
  const streams = [terminal.stdin, terminal.stdout, terminal.stderr]
  if (!streams.every(({ isTTY }) => isTTY === true)) {
    throw new CooperageError(
      'E_CLI',
      '--debug-shell needs a terminal, which stdin, stdout and stderr lead to',
      {
        hint: 'leave it out, and look into the step afterwards: cooper run --last-failed',
      },
    )
  }
  const state = wanted === 'before' ? 'before' : 'after'
  return async (failed) => {
    pause.begin()
    try {
      const [shell] = failed.shells
      terminal.say(`\n${escapeLine(failed.error?.message ?? failed.text)}\n`)
      if (shell === undefined) {
        terminal.say('the image has no shell to look into it with\n')
        return
      }
      terminal.say(`${shell} in the files ${state} the step; "exit" goes on\n`)
      const term = env.TERM === undefined ? [] : [`TERM=${env.TERM}`]
      await failed.enter({ state, args: [shell], env: term, signal })
    } finally {
      pause.end()
    }
  }
}
