import { CooperageError } from '@cooperage/store/errors'
import type { BuildTarget } from './build-targets.js'

const PLACEHOLDER = '{name}'

/**
 * The values of a flag for each build, `{name}` filled in.
 * @throws E_CLI when two builds would write to the same name.
 */
export function nameEach(
  flag: string,
  values: readonly string[],
  targets: readonly BuildTarget[],
): string[][] {
  const owner = new Map<string, BuildTarget>()
  return targets.map((target) =>
    values.map((value) => {
      const named = value.replaceAll(PLACEHOLDER, target.name)
      const other = owner.get(named)
      if (other && other !== target) {
        throw new CooperageError('E_CLI', `two builds would write to --${flag} ${JSON.stringify(named)}`, {
          hint: value.includes(PLACEHOLDER)
            ? `both are called ${target.name}: ${describe(other)} and ${describe(target)}`
            : `put ${PLACEHOLDER} into it, which stands for the name of each build`,
        })
      }
      owner.set(named, target)
      return named
    }),
  )
}

function describe(target: BuildTarget): string {
  return target.dockerfile ?? target.context
}
