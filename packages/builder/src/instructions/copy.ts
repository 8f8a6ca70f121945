import type { CopyCommand } from './commands.js'
import { baseOf, flagsOf, type Request } from './request.js'
import { requireDestination, sourcesAndDestination } from './sources-and-destination.js'

const FLAGS = {
  from: 'text',
  chown: 'text',
  chmod: 'text',
  link: 'switch',
  parents: 'switch',
  exclude: 'texts',
} as const

export function parseCopy(request: Request): CopyCommand {
  requireDestination(request)
  const flags = flagsOf(request, FLAGS)
  return {
    kind: 'copy',
    ...baseOf(request),
    ...sourcesAndDestination(request),
    // An empty `--from=` means the build context, as no `--from` does.
    ...(flags.from === undefined || flags.from === '' ? {} : { from: flags.from }),
    chown: flags.chown ?? '',
    chmod: flags.chmod ?? '',
    link: flags.link ?? false,
    parents: flags.parents ?? false,
    excludes: flags.exclude,
  }
}
