import type { AddCommand } from './commands.js'
import { baseOf, flagsOf, type Request } from './request.js'
import { requireDestination, sourcesAndDestination } from './sources-and-destination.js'

const FLAGS = {
  chown: 'text',
  chmod: 'text',
  link: 'switch',
  exclude: 'texts',
  checksum: 'text',
  'keep-git-dir': 'switch',
  unpack: 'switch',
} as const

export function parseAdd(request: Request): AddCommand {
  requireDestination(request)
  const flags = flagsOf(request, FLAGS)
  const keepGitDir = flags['keep-git-dir']
  return {
    kind: 'add',
    ...baseOf(request),
    ...sourcesAndDestination(request),
    chown: flags.chown ?? '',
    chmod: flags.chmod ?? '',
    link: flags.link ?? false,
    excludes: flags.exclude,
    checksum: flags.checksum ?? '',
    ...(keepGitDir === undefined ? {} : { keepGitDir }),
    ...(flags.unpack === undefined ? {} : { unpack: flags.unpack }),
  }
}
