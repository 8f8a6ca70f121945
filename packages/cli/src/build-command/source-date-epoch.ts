import { CooperageError } from '@cooperage/store/errors'

/** reproducible-builds.org, "SOURCE_DATE_EPOCH": whole seconds since 1970. @throws E_CLI */
export function sourceDateEpoch(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = env.SOURCE_DATE_EPOCH
  if (text === undefined || text === '') return undefined
  // The last second of the year 9999, the end of what RFC 3339 can write.
  if (/^[0-9]{1,12}$/.test(text) && Number(text) <= 253_402_300_799) return Number(text)
  throw new CooperageError('E_CLI', `SOURCE_DATE_EPOCH is not a time: ${JSON.stringify(text)}`, {
    hint: 'it counts whole seconds since 1970',
  })
}
