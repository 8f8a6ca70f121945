import { CooperageError } from '@cooperage/store/errors'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `1h30m`, `7d` in milliseconds; a bare 0 is allowed. @throws E_CLI */
export function parseSpan(flag: string, text: string): number {
  if (text === '0') return 0
  if (/^(?:[0-9]{1,9}(?:ms|s|m|h|d))+$/.test(text)) {
    const parts = [...text.matchAll(/([0-9]+)(ms|s|m|h|d)/g)]
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0)
  }
  throw new CooperageError('E_CLI', `--${flag} is a span of time, not ${JSON.stringify(text)}`, {
    hint: 'write it as 90s, 1h30m or 7d',
  })
}
