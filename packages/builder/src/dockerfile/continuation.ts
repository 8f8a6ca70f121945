/**
 * The line without the escape character at its end (and the blanks behind that), or undefined when the line
 * does not go on. An escape character right after another one is an escaped one and continues nothing.
 */
export function continuedLine(line: string, escapeToken: string): string | undefined {
  let end = line.length
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--
  if (line[end - 1] !== escapeToken || line[end - 2] === escapeToken) return undefined
  return line.slice(0, end - 1)
}
