import { expandShortName, hasRegistry, type Reference } from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { typedReference } from '../images/typed-reference.js'
import type { Invocation } from '../invocation.js'
import type { Aliases } from './registry-rules.js'

/** A name as a person types it, its alias replaced, with a tag or a digest. @throws E_REF */
export async function referenceOf(text: string, aliases: Aliases): Promise<Reference> {
  const expanded = hasRegistry(text) ? text : expandShortName(text, await aliases())
  const reference = typedReference(expanded, text)
  if (reference.domain !== '') return reference
  throw new CooperageError(
    'E_REF',
    `no registry can be read from the name ${JSON.stringify(text.slice(0, 300))}`,
    {
      hint: 'a registry is a host such as ghcr.io or localhost:5000',
    },
  )
}

/** The names for whose hosts `--tls-verify=false` was given; none where it was not. An alias is yet to be replaced. */
export function insecureHosts(
  invocation: Invocation,
  names: readonly string[],
  flag = 'tls-verify',
): readonly string[] {
  const { flags } = invocation
  return flags.given(flag) && !flags.on(flag) ? names : []
}
