import { CooperageError } from '@cooperage/store'
import type { CopyCommand } from '../instructions/commands.js'
import { checkChmod } from './chmod.js'
import { copyHistory } from './copy-history.js'
import type { Effect } from './effect.js'
import { heredocFiles } from './heredoc-files.js'
import { imagePath } from './image-path.js'
import { remoteKind } from './remote-source.js'
import type { StepContext } from './step-context.js'
import { stepText } from './step-text.js'
import { destinationPath } from './unix-path.js'

/** COPY. */
export function copy(command: CopyCommand, context: StepContext): Effect {
  const chown = context.word(command.chown)
  const chmod = context.word(command.chmod)
  const sources = command.sources.map((source) => context.word(source))
  const destination = context.word(command.destination)
  const inline = heredocFiles(command.heredocs, context)
  const from = command.from === undefined ? { kind: 'context' as const } : context.source(command.from)
  if (chmod !== '') checkChmod(chmod, context.location)
  for (const source of sources) {
    const kind = remoteKind(source)
    if (kind === undefined) continue
    throw new CooperageError(
      'E_DF_COPY_REMOTE',
      `source can't be a ${kind === 'git' ? 'git ref' : 'URL'} for COPY`,
      { location: context.location, hint: 'ADD takes remote sources', data: { source } },
    )
  }
  const { link, parents, excludes } = command
  return {
    operation: {
      kind: 'copy',
      from,
      sources: sources.map((source) => imagePath(source, context.os)),
      inline,
      destination: destinationPath(context.workdir, imagePath(destination, context.os)),
      chown,
      chmod,
      link,
      parents,
      excludes,
      unpack: false,
      text: stepText(command),
      location: context.location,
    },
    history: copyHistory('COPY', { sources, inline, chown, chmod, parents }, destination),
  }
}
