import { CooperageError } from '@cooperage/store'
import { chompHeredoc } from '../dockerfile/heredoc.js'
import type { Heredoc } from '../instructions/commands.js'
import type { InlineFile } from '../plan/plan.js'
import { imagePath } from './image-path.js'
import type { StepContext } from './step-context.js'
import { cleanPath } from './unix-path.js'

/** The here-documents of COPY and ADD as files: leading tabs removed first, then variables replaced. */
export function heredocFiles(heredocs: readonly Heredoc[], context: StepContext): readonly InlineFile[] {
  return heredocs.map((heredoc) => {
    const content = heredoc.chomp ? chompHeredoc(heredoc.content) : heredoc.content
    const name = imagePath(heredoc.name, context.os)
    refuseFolders(name)
    return {
      name,
      content: heredoc.expand ? context.document(content) : content,
    }
  })
}

/** BuildKit first puts the file into an empty root, where no folder is: the name must be one of that root. */
function refuseFolders(written: string): void {
  const path = cleanPath(`/${written}`)
  const name = path.slice(1)
  if (name !== '' && !name.includes('/')) return
  throw new CooperageError(
    'E_DF_HEREDOC',
    name === '' ? `open ${path}: is a directory` : `open ${path}: no such file or directory`,
    {
      hint: 'name the here-document without a slash, and write folders into the destination',
      data: { name: written },
    },
  )
}
