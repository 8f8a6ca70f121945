import { CooperageError, type SourceLocation } from '@cooperage/store'
import { goQuote } from '../dockerfile/go-quote.js'
import { parseImageName } from './image-name.js'
import type { BaseReference } from './stage-graph.js'

/**
 * Refuses a name that no image can have.
 * @throws E_DF_REF
 */
export function checkImageName(reference: BaseReference, location: () => SourceLocation): void {
  if (reference.kind !== 'image') return
  const parsed = parseImageName(reference.name)
  if ('reference' in parsed) return
  throw new CooperageError(
    'E_DF_REF',
    `failed to parse stage name ${goQuote(reference.name)}: ${parsed.error}`,
    {
      location: location(),
      hint: 'it is no stage above, and no name that an image can have',
      data: { name: reference.name },
    },
  )
}
