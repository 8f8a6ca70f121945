import type { History, ImageConfig } from '@cooperage/store'
import type { ExecutedStage } from '../execute/execute-stage.js'
import { rfc3339 } from '../execute/rfc3339.js'
import type { BaseImage } from '../plan/plan.js'
import type { LayerNote } from './fill-history.js'

/** Layers that nothing was built upon are not unpacked, and BuildKit then says no more of them. */
const UNKNOWN = 'created by buildkit'

/** Of the layers of a base image: made when they were fetched, which is later than any epoch. */
export function notesOfBase(
  image: BaseImage,
  { epoch, isBuiltUpon }: { readonly epoch: number | undefined; readonly isBuiltUpon: boolean },
): LayerNote[] {
  const note: LayerNote = {
    ...(epoch !== undefined && { created: rfc3339(epoch) }),
    description: isBuiltUpon && image.pulledFrom !== undefined ? `pulled from ${image.pulledFrom}` : UNKNOWN,
  }
  return image.config.rootfs.diff_ids.map(() => note)
}

/** Of the layers of a stage: `[build 2/5] COPY . /app`. A context that it starts from is not counted. */
export function notesOfStage({ plan, outcomes, isMulti }: ExecutedStage): LayerNote[] {
  const { stage, total } = plan.counted
  const first = plan.counted.first - (plan.operations[0]?.kind === 'context' ? 1 : 0)
  return outcomes.map(({ created, note }, index) => {
    if (note !== undefined) return { created, description: note }
    const platform = isMulti ? `${plan.platformLabels[index]} ` : ''
    const position = String(first + index).padStart(String(total).length)
    const place = `[${platform}${stage === '' ? '' : `${stage} `}${position}/${total}]`
    return { created, description: `${place} ${plan.vertices[index]}` }
  })
}

/** The history of a base image, with its times as Go writes them: no zeros at the end of a fraction, `Z` for UTC. */
export function baseHistory({ history = [] }: ImageConfig): History[] {
  return history.map((entry) =>
    entry.created === undefined ? entry : { ...entry, created: goTime(entry.created) },
  )
}

function goTime(time: string): string {
  const [, whole, fraction = '', zone = ''] = /^([^.]*?)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? []
  if (whole === undefined) return time
  const kept = fraction.slice(0, 10).replace(/\.?0*$/, '')
  return `${whole}${kept}${/^[+-]00:00$/.test(zone) ? 'Z' : zone}`
}
