import type { AddCommand } from '../instructions/commands.js'
import { checkChecksum } from './checksum.js'
import { checkChmod } from './chmod.js'
import { copyHistory } from './copy-history.js'
import type { Effect } from './effect.js'
import { heredocFiles } from './heredoc-files.js'
import { imagePath } from './image-path.js'
import { remoteKind } from './remote-source.js'
import type { StepContext } from './step-context.js'
import { stepText } from './step-text.js'
import { destinationPath } from './unix-path.js'

/** ADD: as COPY from the context, with archives unpacked; remote sources become an operation of their own. */
export function add(command: AddCommand, context: StepContext): Effect {
  const chown = context.word(command.chown)
  const chmod = context.word(command.chmod)
  const checksum = context.word(command.checksum)
  const sources = command.sources.map((source) => context.word(source))
  const destination = context.word(command.destination)
  const inline = heredocFiles(command.heredocs, context)
  if (chmod !== '') checkChmod(chmod, context.location)
  if (checksum !== '') checkChecksum(checksum, sources, context.location)
  const history = copyHistory('ADD', { sources, inline, chown, chmod, parents: false }, destination)
  const shared = {
    sources: sources.map((source) =>
      remoteKind(source) === undefined ? imagePath(source, context.os) : source,
    ),
    destination: destinationPath(context.workdir, imagePath(destination, context.os)),
    text: stepText(command),
    location: context.location,
    inline,
    chown,
    chmod,
    link: command.link,
    parents: false,
    excludes: command.excludes,
  }
  if (sources.some((source) => remoteKind(source) !== undefined)) {
    const { unpack, keepGitDir = false } = command
    const flags = { checksum, keepGitDir, ...(unpack !== undefined && { unpack }) }
    return { operation: { ...shared, kind: 'add-remote', ...flags }, history }
  }
  const unpack = command.unpack ?? true
  return { operation: { ...shared, kind: 'copy', from: { kind: 'context' }, unpack }, history }
}
