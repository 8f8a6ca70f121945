import { Complaint } from './complaint.js'
import { DirectiveReader } from './directives.js'

/** The value of `# check=` at the top of the file; a `#!` line before it is skipped. */
export function detectCheck(lines: readonly string[]): string | undefined {
  return find('check', lines, '#')
}

/**
 * The frontend that the file asks for: `# syntax=`, `// syntax=`, or a file that is a JSON object with the
 * key `syntax`. Only the reference, without the words behind it.
 */
export function detectSyntax(lines: readonly string[]): string | undefined {
  const value = find('syntax', lines, '#') ?? find('syntax', lines, '//')
  return value === undefined ? syntaxOfJson(lines) : value.split(' ', 1)[0]
}

function find(name: 'syntax' | 'check', lines: readonly string[], mark: string): string | undefined {
  const reader = new DirectiveReader(mark)
  try {
    for (const line of lines.slice(shebangLines(lines))) {
      reader.read(line.replace(/\r?\n$/, ''))
      if (reader.done) break
    }
  } catch (error) {
    // A repeated directive ends the search; parsing reports it where it stands.
    if (!(error instanceof Complaint)) throw error
  }
  return reader.found.find((directive) => directive.name === name)?.value
}

function shebangLines(lines: readonly string[]): number {
  return lines[0]?.startsWith('#!') ? 1 : 0
}

function syntaxOfJson(lines: readonly string[]): string | undefined {
  const rest = lines.slice(shebangLines(lines))
  if (
    !rest
      .find((line) => line.trim() !== '')
      ?.trimStart()
      .startsWith('{')
  )
    return undefined
  try {
    const value: unknown = JSON.parse(rest.join(''))
    const syntax: unknown = Reflect.get(Object(value), 'syntax')
    return typeof syntax === 'string' ? syntax : undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}
