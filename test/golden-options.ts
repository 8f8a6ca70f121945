import type { PlanOptions } from '../packages/builder/src/plan/plan-options.js'
import { type Platform, parsePlatform } from '../packages/store/src/index.js'

const HOST: Platform = { os: 'linux', architecture: 'amd64' }

/** Options of a golden row (`build-arg:X`, `label:X`, `target`, `platform`) as those of a plan. */
export function goldenOptions(opts: Readonly<Record<string, string>>): Omit<PlanOptions, 'resolveImage'> {
  const prefixed = (prefix: string) =>
    Object.fromEntries(
      Object.entries(opts).flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
      ),
    )
  const platform = opts.platform === undefined ? undefined : parsePlatform(opts.platform)
  return {
    buildArgs: prefixed('build-arg:'),
    labels: prefixed('label:'),
    buildPlatform: HOST,
    ...(opts.target !== undefined && { target: opts.target }),
    ...(platform && { platform }),
  }
}
