import { CooperageError } from '@cooperage/store/errors'

/** `NAME=VALUE` of a flag that may be repeated; of the same name the last one counts. @throws E_CLI */
export function namedValues(flag: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => splitPair(flag, text)))
}

/** As `namedValues`; the value of a bare NAME is empty, as in Docker. */
export function labelValues(texts: readonly string[]): Record<string, string> {
  return namedValues(
    'label',
    texts.map((text) => (text === '' || text.includes('=') ? text : `${text}=`)),
  )
}

/** As `namedValues`; a bare NAME takes its value from the environment, and is left out where that has none. */
export function buildArguments(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found: [string, string][] = []
  for (const text of texts) {
    if (text.includes('=')) found.push(splitPair('build-arg', text))
    else {
      const value = env[text]
      if (text === '')
        throw new CooperageError('E_CLI', '--build-arg is empty', { hint: 'write NAME=VALUE or NAME' })
      if (value !== undefined) found.push([text, value])
    }
  }
  return Object.fromEntries(found)
}

function splitPair(flag: string, text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new CooperageError('E_CLI', `--${flag} ${JSON.stringify(text)} is not NAME=VALUE`, {
      hint: `write --${flag} NAME=VALUE`,
    })
  }
  return [text.slice(0, at), text.slice(at + 1)]
}
