/**
 * Whether this run also does what takes minutes and seldom shows more than its beginning: `npm run test:long` asks for
 * it, COOPERAGE_LONG=1 for a file by hand.
 */
export const isLong = process.env.COOPERAGE_LONG === '1'

/** Some of many alike: every `step`th, the first among them; all of them in a long run. */
export function sample<T>(all: readonly T[], step: number): readonly T[] {
  return isLong ? all : all.filter((_, index) => index % step === 0)
}
