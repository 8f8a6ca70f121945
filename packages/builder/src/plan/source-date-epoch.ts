import { CooperageError } from '@cooperage/store'
import { locate } from '../dockerfile/source-text.js'
import type { Dockerfile } from '../instructions/commands.js'

/**
 * Seconds since 1970 of SOURCE_DATE_EPOCH; undefined when it is empty.
 * @throws E_DF_EPOCH also for the forms that take the time from a context or a stage
 */
export function parseSourceDateEpoch(value: string, dockerfile: Dockerfile): number | undefined {
  if (value === '') return undefined
  const seconds = Number(value)
  if (/^[+-]?\d+$/.test(value) && Number.isSafeInteger(seconds)) return seconds
  const hint = 'give whole seconds since 1970'
  const stage = dockerfile.stages.find(({ name }) => name !== '' && name === value.toLowerCase())
  if (stage !== undefined && stage.baseName !== 'scratch') {
    throw new CooperageError('E_DF_EPOCH', 'SOURCE_DATE_EPOCH stage must use FROM scratch', {
      location: locate(dockerfile, stage.range),
      hint,
    })
  }
  if (stage !== undefined || value === 'context') {
    throw new CooperageError(
      'E_DF_EPOCH',
      `SOURCE_DATE_EPOCH=${value} takes its time from a remote source, which this version does not read`,
      { hint },
    )
  }
  throw new CooperageError('E_DF_EPOCH', `invalid SOURCE_DATE_EPOCH: ${value}`, { hint, data: { value } })
}
