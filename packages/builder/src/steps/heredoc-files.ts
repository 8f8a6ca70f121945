import { chompHeredoc } from '../dockerfile/heredoc.js'
import type { Heredoc } from '../instructions/commands.js'
import type { InlineFile } from '../plan/plan.js'
import { imagePath } from './image-path.js'
import type { StepContext } from './step-context.js'

/** The here-documents of COPY and ADD as files: leading tabs removed first, then variables replaced. */
export function heredocFiles(heredocs: readonly Heredoc[], context: StepContext): readonly InlineFile[] {
  return heredocs.map((heredoc) => {
    const content = heredoc.chomp ? chompHeredoc(heredoc.content) : heredoc.content
    return {
      name: imagePath(heredoc.name, context.os),
      content: heredoc.expand ? context.document(content) : content,
    }
  })
}
