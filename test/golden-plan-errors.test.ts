import { expect, test } from 'vitest'
import { checksOf } from '../packages/builder/src/lint/checks-of.js'
import { parseChecked } from '../packages/builder/src/lint/parse-checked.js'
import { planBuild } from '../packages/builder/src/plan/plan-build.js'
import { type ImageConfig, isCooperageError } from '../packages/store/src/index.js'
import { differences, readGolden } from './golden.js'
import { goldenResolver } from './golden-bases.js'
import { goldenOptions } from './golden-options.js'

interface Row {
  readonly dockerfile?: string
  readonly dockerfile_b64?: string
  readonly opts?: Readonly<Record<string, string>>
  readonly bases?: Readonly<Record<string, string>>
  readonly phase: string
  readonly error: string
  readonly line?: number
}

const OTHER_OPTIONS = [
  'force-network-mode',
  'add-hosts',
  'shm-size',
  'ulimit',
  'image-resolve-mode',
  'multi-platform',
]

/** Rows that may differ, with the reason. */
const exceptions: readonly { readonly reason: string; readonly covers: (row: Row) => boolean }[] = [
  {
    reason: 'a platform given by the person is read by the caller',
    covers: ({ opts }) => opts?.platform !== undefined,
  },
  {
    reason: 'options of the frontend that planning does not have',
    covers: ({ opts }) => OTHER_OPTIONS.some((name) => opts?.[name] !== undefined),
  },
  {
    reason: 'a config that is not JSON never reaches the plan: reading an image refuses it',
    covers: ({ bases }) => Object.values(bases ?? {}).includes('not json'),
  },
  {
    reason: 'we say "arguments are required", with the line and without the words "marshal LLB definition"',
    covers: ({ error }) => error === 'failed to marshal LLB definition: arguments are required',
  },
  {
    reason: 'we serve variables in --from; that X is not declared is told in our words',
    covers: ({ error }) => error.startsWith('variable expansion is not supported for --from'),
  },
]

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
        found.message === row.error &&
        (row.line === undefined || found.line === row.line) &&
        found.code !== undefined
      if (!right)
        differing.push({ dockerfile: row.dockerfile, opts: row.opts, wanted: [row.error, row.line], found })
    }
    expect(rows.length - judged.length).toBe(16)
    expect(differences(differing)).toBeUndefined()
  },
)

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
