import type { RegistryEvent } from '@cooperage/store/registry'
import type { BuildEvent, StepId } from '../events.js'

/**
 * Tells what a registry client does as events of a step: what is moved as progress, failed tries as lines of its log,
 * servers that were passed over and what registries warn of as warnings.
 */
export function registryEvents(
  step: StepId,
  emit: (event: BuildEvent) => void,
): (event: RegistryEvent) => void {
  return (event) => {
    const at = Date.now()
    switch (event.kind) {
      case 'progress':
        // The end of a blob is told by its own event.
        if (event.done >= event.size) return
        emit({
          ...progress(step, `${event.direction}ing ${short(event.digest)}`, event.size),
          current: event.done,
          at,
        })
        return
      case 'blob':
        emit({
          ...progress(step, `${SAID[event.outcome](event.direction)} ${short(event.digest)}`, event.size),
          at,
        })
        return
      case 'retry': {
        const wait = `trying again in ${(event.wait / 1000).toFixed(1)}s`
        emit({
          type: 'log',
          step,
          stream: 'stderr',
          data: `${event.host}: ${without(event.host, event.message)} (${event.code}); ${wait}\n`,
          at,
        })
        return
      }
      case 'passed-over':
        emit({
          type: 'warning',
          rule: 'MirrorPassedOver',
          message: `${event.host} did not help: ${without(event.host, event.message)} (${event.code})`,
          at,
        })
        return
      case 'warning':
        emit({ type: 'warning', rule: 'RegistryWarning', message: `${event.host}: ${event.message}`, at })
        return
      case 'manifest':
        return
    }
  }
}

const SAID = {
  exists: () => 'already there:',
  mounted: () => 'mounted',
  moved: (direction: string) => `${direction}ing`,
  resumed: (direction: string) => `${direction}ing`,
} as const

function progress(
  step: StepId,
  id: string,
  size: number,
): Omit<Extract<BuildEvent, { type: 'progress' }>, 'at'> {
  return { type: 'progress', step, id, current: size, total: size, unit: 'bytes' }
}

/** Most errors of a server begin with its name; those of a token server with another. */
function without(host: string, message: string): string {
  return message.startsWith(`${host}: `) ? message.slice(host.length + 2) : message
}

function short(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12)
}
