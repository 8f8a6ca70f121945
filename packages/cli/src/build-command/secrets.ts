import { parseSecret, type Secret, type SecretSpec, secretEnv, secretFile } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'

type Variables = Readonly<Record<string, string | undefined>>

/** What every `--secret` stands for, by id. @throws E_SECRET_SPEC, E_SECRET_ID, E_SECRET_TWICE, E_SECRET_MISSING */
export function secrets(texts: readonly string[], env: Variables): Record<string, Secret> {
  const found = new Map<string, Secret>()
  for (const text of texts) {
    const spec = parseSecret(text)
    if (found.has(spec.id)) {
      throw new CooperageError('E_SECRET_TWICE', `two secrets have the id ${JSON.stringify(spec.id)}`, {
        hint: 'give each --secret an id of its own',
        data: { id: spec.id },
      })
    }
    found.set(spec.id, secret(spec, env))
  }
  return Object.fromEntries(found)
}

function secret({ id, from, name }: SecretSpec, env: Variables): Secret {
  const value = from === 'file' ? undefined : env[name]
  if (from === 'file' || (from === 'either' && value === undefined)) return secretFile(name)
  if (value !== undefined) return secretEnv(value)
  throw new CooperageError(
    'E_SECRET_MISSING',
    `secret ${JSON.stringify(id)}: the variable ${name} is not set`,
    { hint: 'set it, if only to nothing', data: { id, variable: name } },
  )
}
