import type { SourceText } from '../dockerfile/source-text.js'
import type { Command, LineRange } from '../instructions/commands.js'
import { parseTrigger } from '../instructions/parse-trigger.js'

/** The triggers of a base as commands of the stage that starts from it: its FROM is their place. */
export function parseTriggers(
  triggers: readonly string[],
  text: SourceText,
  range: LineRange,
): readonly Command[] {
  return triggers.map((trigger) => parseTrigger(trigger, { text, range }))
}
