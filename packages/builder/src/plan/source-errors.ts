import { CooperageError } from '@cooperage/store'

/** A variable of `--from` that has no certain value at that line. */
export function unknownVariable(
  from: string,
  { name, problem, hint }: { readonly name: string; readonly problem: string; readonly hint: string },
): CooperageError {
  return new CooperageError('E_DF_VAR', `variable ${name} in --from=${from} ${problem}`, {
    hint,
    data: { from, variables: [name] },
  })
}

/** A `--from` that names nothing once its variables are replaced. */
export function emptySource(from: string, text: string, variables: readonly string[]): CooperageError {
  const rest = text === '' ? 'is empty' : `is ${text}, which no stage or image can be called`
  const message =
    variables.length === 0
      ? `--from=${from} ${rest}`
      : `--from=${from} ${rest}: check the value of variable ${variables.join(', ')}`
  return new CooperageError('E_DF_STAGE_REF', message, {
    hint: `give a value with ${variables.map((name) => `ARG ${name}=…`).join(' and ') || '--from=name'}, or with --build-arg`,
    data: { from, variables },
  })
}
