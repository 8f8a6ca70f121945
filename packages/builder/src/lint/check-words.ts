import type { CheckPlace, Checks } from './checks.js'

/** Arguments for the scan of an image: declared, and never part of an environment. */
const NOT_IN_ENVIRONMENT = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'])

/** What a word of an instruction may name. */
export interface WordScope {
  /** Names with a value: what a misspelt name may have meant. */
  readonly variables: Iterable<string>
  /** Whether an argument of that name is declared, with or without a value. */
  readonly isDeclared: (name: string) => boolean
}

/** Judges the variables of one word that had no value. */
export function checkWord(
  unmatched: ReadonlySet<string>,
  scope: WordScope,
  how: { readonly place: CheckPlace; readonly checks: Checks },
): void {
  for (const name of unmatched) {
    if (scope.isDeclared(name) || NOT_IN_ENVIRONMENT.has(name)) continue
    const meant = how.checks.suggest(name, scope.variables).replace('did you mean ', 'did you mean $')
    how.checks.report('UndefinedVar', `Usage of undefined variable '$${name}'${meant}`, how.place)
  }
}
