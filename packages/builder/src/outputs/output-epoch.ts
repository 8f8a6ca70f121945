import { CooperageError } from '@cooperage/store'
import type { OutputSpec } from './output-spec.js'

/**
 * The time of the build: that of its SOURCE_DATE_EPOCH, else the one that its outputs ask for. All outputs are
 * written from the same layers, so that none can have another time.
 * @throws E_OUTPUT
 */
export function outputEpoch(specs: readonly OutputSpec[], ofBuild: number | undefined): number | undefined {
  let epoch = ofBuild
  let isOpen = ofBuild === undefined
  for (const spec of specs) {
    const asked = 'sourceDateEpoch' in spec ? spec.sourceDateEpoch : undefined
    if (asked === undefined) continue
    const wanted = asked ?? undefined
    if (isOpen) epoch = wanted
    isOpen = false
    if (wanted === epoch) continue
    const names = [wanted, epoch].map((one) => (one === undefined ? 'none' : String(one)))
    throw new CooperageError(
      'E_OUTPUT',
      `an output asks for source-date-epoch=${names[0]}, and the build has ${names[1]}`,
      { hint: 'an output with a time of its own is not served: build it in a run of its own' },
    )
  }
  return epoch
}
