import type { CheckPlace, Checks } from './checks.js'

/** Reports a `from` that has variables, or quotes: both are replaced here, and BuildKit refuses them. */
export function checkPortable(
  from: string,
  how: { readonly place: CheckPlace; readonly checks: Checks },
): void {
  const what = from.includes('$') ? 'a variable' : 'quotes and escapes'
  how.checks.report('NotPortable', `BuildKit refuses ${what} in --from=${from}`, how.place)
}
