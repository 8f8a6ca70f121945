/** The instruction as a step shows it: the first line of what was written, its keyword in capitals. */
export function stepText(command: { readonly keyword: string; readonly text: string }): string {
  const first = command.text.split('\n', 1)[0]!
  return first.toLowerCase().startsWith(command.keyword.toLowerCase())
    ? command.keyword.toUpperCase() + first.slice(command.keyword.length)
    : first
}
