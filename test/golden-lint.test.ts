import { expect, test } from 'vitest'
import { checkDockerfile } from '../packages/builder/src/check-dockerfile.js'
import { createIgnoreMatcher } from '../packages/builder/src/context/ignore/create-ignore-matcher.js'
import { RULES } from '../packages/builder/src/lint/rules.js'
import type { ImageConfig } from '../packages/store/src/index.js'
import { differences, readGolden } from './golden.js'
import { goldenResolver } from './golden-bases.js'
import { goldenOptions } from './golden-options.js'

interface Row {
  readonly dockerfile: string
  readonly dockerignore?: string
  readonly opts?: Readonly<Record<string, string>>
  readonly warnings: readonly { rule: string; lines: readonly (readonly number[])[]; detail: string }[]
  readonly error?: string
  readonly error_lines?: readonly (readonly number[])[]
}

/** Rows whose error may have other words, with the reason. */
const otherWords: readonly { readonly reason: string; readonly error: string; readonly ours: string }[] = [
  {
    reason: 'we name the ignore file, the line and the pattern',
    error: 'syntax error in pattern',
    ours: '.dockerignore:1: syntax error in pattern: "["',
  },
]

const golden = readGolden<Row>('lint.json')

test.skipIf(golden === undefined)(
  'the checks find what BuildKit finds, in the same words and lines',
  async () => {
    const bases = Object.entries(golden!.table.bases as Record<string, Partial<ImageConfig>>)
    // A config that names no platform is refused where images are read; this is the nearest that can be given.
    const nearest = bases.map(
      ([name, config]) => [name, { os: 'linux', architecture: '', ...config }] as const,
    )
    const resolve = goldenResolver(Object.fromEntries(nearest) as Record<string, ImageConfig>)
    const differing: unknown[] = []
    for (const row of golden!.rows) {
      const found = await reportOf(row, resolve)
      const wanted = {
        warnings: row.warnings.map(shown).sort(),
        error: inOurWords(row.error),
        lines: row.error_lines,
      }
      if (wanted.lines === undefined) found.lines = undefined
      if (JSON.stringify(found) !== JSON.stringify(wanted)) {
        differing.push({
          dockerfile: row.dockerfile,
          opts: row.opts,
          ignore: row.dockerignore,
          wanted,
          found,
        })
      }
    }
    expect(golden!.rows).toHaveLength(428)
    expect(differences(differing)).toBeUndefined()
  },
)

/** Rules that BuildKit lacks: they warn of what it refuses and we serve. No row of the table holds such a file. */
const ours: readonly string[] = ['NotPortable']

test.skipIf(golden === undefined)(
  'the rules are those of BuildKit and ours, and lead to the same pages',
  () => {
    const theirs = Object.entries(golden!.table.rules as Record<string, { url: string }>)
    const pages = new Map(theirs.map(([name, { url }]) => [name, url]))
    const shared = [...RULES.values()].filter(({ name }) => !ours.includes(name))
    expect(new Map(shared.map(({ name, url }) => [name, url]))).toEqual(pages)
    expect(RULES.size - shared.length).toBe(ours.length)
  },
)

type Resolve = ReturnType<typeof goldenResolver>

async function reportOf(row: Row, resolve: Resolve) {
  // BuildKit's request to check a file knows no platform but that of the machine.
  const { buildArgs, buildPlatform, target } = goldenOptions(row.opts ?? {})
  const report = await checkDockerfile(row.dockerfile, {
    buildPlatform,
    ...(buildArgs && { buildArgs }),
    ...(target !== undefined && { target }),
    findImage: async (name, platform) => (await resolve(name, platform, { file: '', line: 1 })).config,
    ...(row.dockerignore !== undefined && { ignore: async () => createIgnoreMatcher(row.dockerignore!) }),
  })
  const warnings = report.warnings.map(({ rule, message, location: { line, endLine = line } }) =>
    shown({ rule, lines: range(line, endLine), detail: message }),
  )
  const place = report.error?.location
  return {
    warnings: warnings.sort(),
    error: report.error?.message,
    lines: place && range(place.line, place.endLine ?? place.line),
  }
}

function inOurWords(error: string | undefined): string | undefined {
  return otherWords.find((row) => row.error === error)?.ours ?? error
}

function shown({ rule, lines, detail }: Row['warnings'][number]): string {
  return `${JSON.stringify(lines)} ${rule}: ${detail}`
}

/** BuildKit names every line of an instruction as a range of its own. */
function range(line: number, endLine: number): [number, number][] {
  return Array.from({ length: endLine - line + 1 }, (_, index) => [line + index, line + index])
}
