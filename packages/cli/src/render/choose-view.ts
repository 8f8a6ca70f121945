import type { Terminal } from '../invocation.js'
import type { ProgressMode } from '../settings/modes.js'
import type { ProgressView } from './progress.js'

export interface ViewOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** What is under way, such as `Building`. */
  readonly heading: string
}

/** The view for a mode; `auto` is a live list on a terminal and plain lines anywhere else. Loads only that view. */
export async function chooseView(
  mode: ProgressMode,
  terminal: Terminal,
  { env, heading }: ViewOptions,
): Promise<ProgressView> {
  const { stderr } = terminal
  const write = (text: string): void => terminal.say(text)
  const able = stderr.isTTY === true && env.TERM !== 'dumb'
  if (mode === 'quiet') return (await import('./quiet.js')).quietView()
  if (mode === 'rawjson') return (await import('./rawjson.js')).rawJsonView(write)
  if (mode === 'plain' || !able) return (await import('./plain.js')).plainView(write)
  return (await import('./tty.js')).ttyView({
    write,
    size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
    // no-color.org: present and not empty, whatever the value.
    colour: !env.NO_COLOR,
    now: () => Date.now(),
    heading,
  })
}
