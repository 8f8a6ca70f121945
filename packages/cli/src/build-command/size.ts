import { CooperageError } from '@cooperage/store/errors'

const UNITS = 'bkmgtp'

/** Bytes of `64m`, `1.5GiB` or `100`: units are powers of 1024, as docker reads sizes of memory. @throws E_CLI */
export function parseSize(flag: string, text: string, least = 1): number {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])i?b?|b)?$/i.exec(text)
  const size = Math.floor(Number(match?.[1] ?? -1) * 1024 ** UNITS.indexOf((match?.[2] ?? 'b').toLowerCase()))
  if (size >= least && Number.isSafeInteger(size)) return size
  throw new CooperageError('E_CLI', `--${flag} is a size such as 64m, not ${JSON.stringify(text)}`)
}
