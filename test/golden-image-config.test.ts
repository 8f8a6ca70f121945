import { expect, test } from 'vitest'
import { parseDockerfile } from '../packages/builder/src/parse-dockerfile.js'
import type { Plan } from '../packages/builder/src/plan/plan.js'
import { planBuild } from '../packages/builder/src/plan/plan-build.js'
import type { ImageConfig } from '../packages/store/src/index.js'
import { differences, readGolden } from './golden.js'
import { goldenResolver } from './golden-bases.js'
import { goldenOptions } from './golden-options.js'

interface Row {
  readonly dockerfile: string
  readonly opts?: Readonly<Record<string, string>>
  readonly config: ImageConfig
}

const golden = readGolden<Row>('image-config.json')

test.skipIf(golden === undefined)(
  'every Dockerfile of the golden table gets its config and history',
  async () => {
    const { rows, table } = golden!
    const bases = table.bases as Record<string, ImageConfig>
    const differing: unknown[] = []
    for (const row of rows) {
      const actual = await planRow(row, bases).catch((error: unknown) => ({ error: String(error) }))
      const wanted = expectedOf(row.config)
      try {
        expect(actual).toEqual(wanted)
      } catch {
        differing.push({ dockerfile: row.dockerfile, opts: row.opts, wanted, actual })
      }
    }
    expect(rows.length).toBeGreaterThan(200)
    expect(differences(differing)).toBeUndefined()
  },
)

async function planRow(row: Row, bases: Record<string, ImageConfig>) {
  const plan = await planBuild(parseDockerfile(row.dockerfile, { name: 'Dockerfile' }), {
    ...goldenOptions(row.opts ?? {}),
    resolveImage: goldenResolver(bases),
  })
  return { config: plan.stages.get(plan.target)!.config, history: wholeHistory(plan, plan.target) }
}

/** History of the base, then of the parent stages, then its own, as the frontend writes it: without times. */
function wholeHistory(plan: Plan, index: number): object[] {
  const stage = plan.stages.get(index)!
  const { base } = stage
  const below =
    base.kind === 'stage'
      ? wholeHistory(plan, base.stage)
      : base.kind === 'image'
        ? [...(base.image.config.history ?? [])]
        : []
  const created =
    plan.sourceDateEpoch && `${new Date(plan.sourceDateEpoch * 1000).toISOString().slice(0, -5)}Z`
  const own = stage.history.map(({ createdBy, operation }) => ({
    ...(created && { created }),
    created_by: createdBy,
    comment: 'buildkit.dockerfile.v0',
    ...(operation === undefined && { empty_layer: true }),
  }))
  return [...below, ...own]
}

function expectedOf({ history, rootfs: _, created: __, ...config }: ImageConfig) {
  return { config, history: history ?? [] }
}
