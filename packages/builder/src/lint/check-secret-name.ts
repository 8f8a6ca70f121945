import { goQuote } from '../dockerfile/go-quote.js'
import type { CheckPlace, Checks } from './checks.js'

const SECRET = wordIn('apikey auth credential credentials key password pword passwd secret token')
/** A public key, the version of a token and the path of a password file are no secrets. */
const HARMLESS = wordIn('file public version')

/** Judges the name of a variable, whose value stays readable in the image and in its history. */
export function checkSecretName(
  instruction: 'ARG' | 'ENV',
  name: string,
  how: { readonly checks: Checks; readonly place: CheckPlace },
): void {
  if (!SECRET.test(name) || HARMLESS.test(name)) return
  const message = `Do not use ARG or ENV instructions for sensitive data (${instruction} ${goQuote(name)})`
  how.checks.report('SecretsUsedInArgOrEnv', message, how.place)
}

/** Matches a name that has one of the words, `_` between words. */
function wordIn(words: string): RegExp {
  return new RegExp(`(?:_|^)(?:${words.replaceAll(' ', '|')})(?:_|$)`, 'i')
}
