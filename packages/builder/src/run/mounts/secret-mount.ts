import { posix } from 'node:path'
import { CooperageError, type SourceLocation } from '@cooperage/store'
import type { RunMount } from '../../plan/plan.js'
import type { SecretSource } from '../../secrets/secret-source.js'

/** A secret as a RUN asks for it. */
export interface WantedSecret {
  readonly id: string
  /** Absolute; undefined when only a variable is wanted. */
  readonly target: string | undefined
}

/** Under which id a mount asks for its secret, and where it wants it. */
export function wantedSecret(mount: RunMount): WantedSecret {
  const id = mount.source || mount.id || posix.basename(mount.target)
  const written = mount.target || (mount.env === undefined ? `/run/secrets/${posix.basename(id)}` : '')
  return { id, target: written === '' ? undefined : posix.resolve('/', written) }
}

/** The value, or undefined when nobody gave one and the mount can do without. @throws E_SECRET_MISSING, and what reading gives */
export async function secretValue(
  mount: RunMount,
  secrets: SecretSource,
  about: { readonly signal: AbortSignal; readonly location: SourceLocation },
): Promise<Uint8Array | undefined> {
  const { id } = wantedSecret(mount)
  const value = await secrets.get(id, about.signal)
  if (value !== undefined || !mount.required) return value
  throw new CooperageError(
    'E_SECRET_MISSING',
    `the step needs the secret ${JSON.stringify(id)}, which was not given`,
    {
      location: about.location,
      hint: `give it with --secret id=${id},src=FILE or --secret id=${id},env=VARIABLE`,
      data: { id },
    },
  )
}
