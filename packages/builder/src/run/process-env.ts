import type { RunOperation } from '../plan/plan.js'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The environment of a process: each name once, as it was set last; PATH and HOME when nobody set them. */
export function processEnv(
  operation: RunOperation,
  extra: {
    /** Of mounts: secrets, and where the socket of an agent is. */
    readonly mounted: readonly string[]
    readonly home: string
  },
): string[] {
  const found = new Map<string, string>()
  const set = (text: string) => {
    found.delete(nameOf(text))
    found.set(nameOf(text), text)
  }
  const setDefault = (text: string) => found.has(nameOf(text)) || set(text)
  operation.env.forEach(set)
  // Also over what ENV says.
  operation.proxyEnv.forEach(set)
  setDefault(`PATH=${DEFAULT_PATH}`)
  for (const text of extra.mounted) {
    if (text.startsWith('SSH_AUTH_SOCK=')) setDefault(text)
    else set(text)
  }
  // As runtimes do it, also in place of an empty one.
  if ((found.get('HOME') ?? 'HOME=') === 'HOME=') set(`HOME=${extra.home}`)
  return [...found.values()]
}

function nameOf(text: string): string {
  return text.slice(0, Math.max(0, text.indexOf('=')))
}
