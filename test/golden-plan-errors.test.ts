import { expect, test } from 'vitest'
import { checksOf } from '../packages/builder/src/lint/checks-of.js'
import { parseChecked } from '../packages/builder/src/lint/parse-checked.js'
import { planBuild } from '../packages/builder/src/plan/plan-build.js'
import { type ImageConfig, isCooperageError, parseConfig } from '../packages/store/src/index.js'
import { differences, readGolden } from './golden.js'
import { goldenResolver } from './golden-bases.js'
import { goldenOptions } from './golden-options.js'
import { workspace } from './workspace.js'

interface Row {
  readonly dockerfile?: string
  readonly dockerfile_b64?: string
  readonly opts?: Readonly<Record<string, string>>
  readonly bases?: Readonly<Record<string, string>>
  readonly phase: string
  readonly error: string
  readonly line?: number
}

/** Flags of the command that stand for options of the frontend: they are judged when the command line is read. */
const FLAGS: Readonly<Record<string, string>> = {
  platform: 'platform',
  'force-network-mode': 'network',
  'add-hosts': 'add-host',
  'shm-size': 'shm-size',
  ulimit: 'ulimit',
}
/** Options that the command has no flag for. */
const NO_FLAG = ['image-resolve-mode', 'multi-platform']

const flagOf = ({ opts }: Row): [string, string] | undefined => {
  const [option, value] = Object.entries(opts ?? {}).find(([name]) => name in FLAGS) ?? []
  return option === undefined ? undefined : [`--${FLAGS[option]}`, value!]
}

/** Rows that may differ, with the reason. All but the last are refused here too, in other words. */
const exceptions: readonly { readonly reason: string; readonly covers: (row: Row) => boolean }[] = [
  { reason: 'flags of the command are refused in its words', covers: (row) => flagOf(row) !== undefined },
  {
    reason: 'a config that is not JSON never reaches the plan: reading an image refuses it',
    covers: ({ bases }) => Object.values(bases ?? {}).includes('not json'),
  },
  {
    reason: 'we serve variables in --from; that X is not declared is told in our words',
    covers: ({ error }) => error.startsWith('variable expansion is not supported for --from'),
  },
  {
    reason: 'options that have no flag here',
    covers: ({ opts }) => NO_FLAG.some((name) => opts?.[name] !== undefined),
  },
]

/** BuildKit says this of its own inner form; the rest of the message is ours as well. */
const withoutInnerForm = (error: string) => error.replace(/^failed to marshal LLB definition: /, '')

const golden = readGolden<Row>('parse-error.json')

test.skipIf(golden === undefined)(
  'planning refuses what BuildKit refuses, in the same words and lines',
  async () => {
    const rows = golden!.rows.filter((row) => row.phase === 'convert')
    const judged = rows.filter((row) => !exceptions.some(({ covers }) => covers(row)))
    const differing: unknown[] = []
    for (const row of judged) {
      const found = await errorOf(row)
      const right =
        found.message === withoutInnerForm(row.error) &&
        (row.line === undefined || found.line === row.line) &&
        found.code !== undefined
      if (!right)
        differing.push({ dockerfile: row.dockerfile, opts: row.opts, wanted: [row.error, row.line], found })
    }
    expect(rows.length - judged.length).toBe(14)
    expect(differences(differing)).toBeUndefined()
  },
)

const space = workspace('golden-plan-errors')

test.skipIf(golden === undefined)('rows that may have other words are refused as well', async () => {
  const context = space.folder('context', { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
  const rows = golden!.rows.filter((row) => row.phase === 'convert')
  const apart = rows.filter((row) => exceptions.slice(0, -1).some(({ covers }) => covers(row)))
  expect(apart).toHaveLength(12)
  for (const row of apart) {
    const flag = flagOf(row)
    if (flag !== undefined) {
      const { code, stderr } = await space.run(['build', ...flag, context])
      expect(code, stderr).not.toBe(0)
      expect(stderr).toMatch(/^error\[E_/m)
    } else if (Object.values(row.bases ?? {}).includes('not json')) {
      expect(() => parseConfig(Buffer.from('not json'))).toThrow(
        expect.objectContaining({ code: 'E_CONFIG' }),
      )
    } else {
      const { code, line } = await errorOf(row)
      expect([code, line]).toEqual(['E_DF_VAR', 2])
    }
  }
})

async function errorOf(row: Row): Promise<{ message: string; line?: number | undefined; code?: string }> {
  const text = row.dockerfile ?? Buffer.from(row.dockerfile_b64!, 'base64')
  const bases = Object.fromEntries(
    Object.entries(row.bases ?? {}).map(([name, json]) => [name, JSON.parse(json) as ImageConfig]),
  )
  const options = goldenOptions(row.opts ?? {})
  const file = { name: 'Dockerfile', text }
  try {
    const checks = checksOf(file, options.buildArgs)
    await planBuild(parseChecked(file, checks), {
      ...options,
      checks,
      resolveImage: goldenResolver(bases),
    })
    return { message: 'no error' }
  } catch (error) {
    if (!isCooperageError(error)) return { message: String(error) }
    return { message: error.message, line: error.location?.line, code: error.code }
  }
}
