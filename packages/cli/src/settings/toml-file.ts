import { CooperageError, type SourceLocation } from '@cooperage/store/errors'

/** A file of TOML: its name for messages, and its text for their excerpts. */
export interface TomlSource {
  readonly file: string
  readonly text: string
}

/** @throws E_CONFIG_FILE with the line */
export async function parseToml(source: TomlSource): Promise<Record<string, unknown>> {
  const { default: toml } = await import('@iarna/toml')
  try {
    return toml.parse(source.text)
  } catch (error) {
    // The parser counts lines from 0.
    const line = (error as { line?: unknown }).line
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new CooperageError('E_CONFIG_FILE', 'the configuration is not TOML', {
      ...(typeof line === 'number' ? { location: locate(source, line + 1) } : {}),
      cause: new Error(reason.replace(/ at row \d+, col \d+, pos \d+:?$/, '')),
    })
  }
}

export function locate(source: TomlSource, line: number): SourceLocation {
  return { file: source.file, line, source: source.text.split('\n') }
}

/** The first line that has this key; the first of the file where none is found. */
export function lineOfKey(key: string, text: string): number {
  const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return lineOf(text, (line) => new RegExp(`^\\s*[["']*${escaped}\\b`).test(line))
}

/** The line of the `index`th `[[name]]`. */
export function lineOfTable(name: string, index: number, text: string): number {
  let seen = -1
  return lineOf(text, (line) => {
    if (line.replace(/\s/g, '').startsWith(`[[${name}]]`)) seen++
    return seen === index
  })
}

function lineOf(text: string, isIt: (line: string) => boolean): number {
  const index = text.split('\n').findIndex(isIt)
  return index === -1 ? 1 : index + 1
}
