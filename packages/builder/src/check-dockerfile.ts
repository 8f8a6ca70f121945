import { type CooperageError, isCooperageError, type SourceLocation } from '@cooperage/store'
import type { InspectOptions } from './inspect-options.js'
import type { Checks } from './lint/checks.js'
import { checksOf } from './lint/checks-of.js'
import { parseChecked } from './lint/parse-checked.js'
import { RULES, type RuleName } from './lint/rules.js'
import { assumedPlanOptions } from './plan/assumed-plan-options.js'
import { planBuild } from './plan/plan-build.js'
import { withSource } from './with-source.js'

/** What the checks say of a Dockerfile. */
export interface CheckReport {
  /** By line, then rule, then message. */
  readonly warnings: readonly CheckWarning[]
  /** What would stop a build, after what was found up to there. E_LINT: the file asks that findings do (`error=true`). */
  readonly error?: CooperageError
  /** Images that were not at hand: their platform, and variables used on top of them, are not judged. */
  readonly unknownImages: readonly string[]
}

export interface CheckWarning {
  readonly rule: RuleName
  /** One sentence about the rule. */
  readonly description: string
  /** A page about the rule; empty when there is none. */
  readonly url: string
  /** What is wrong here. */
  readonly message: string
  /** `source` holds the whole file. */
  readonly location: SourceLocation
}

/**
 * Judges a Dockerfile by the rules of BuildKit's checks, without building it. `# check=` in the file and the build
 * argument BUILDKIT_DOCKERFILE_CHECK choose the rules. A mistake in the file is part of the report.
 * @throws what `findImage` throws, when it is no `CooperageError` of category `user`, and the abort reason
 */
export async function checkDockerfile(
  text: string | Uint8Array,
  options: InspectOptions = {},
): Promise<CheckReport> {
  const file = { name: options.name ?? 'Dockerfile', text }
  let checks: Checks | undefined
  const unknown = new Set<string>()
  try {
    await withSource(file, async () => {
      checks = checksOf(file, options.buildArgs)
      const dockerfile = parseChecked(file, checks)
      await planBuild(dockerfile, {
        ...assumedPlanOptions(options, (name) => unknown.add(name)),
        checks,
        allStages: !options.target,
      })
    })
    return { warnings: warningsOf(checks, file), unknownImages: [...unknown] }
  } catch (error) {
    if (!isCooperageError(error) || error.category !== 'user') throw error
    return { warnings: warningsOf(checks, file), error, unknownImages: [...unknown] }
  }
}

function warningsOf(
  checks: Checks | undefined,
  file: { readonly text: string | Uint8Array },
): readonly CheckWarning[] {
  const found = checks?.warnings ?? []
  if (found.length === 0) return []
  const source = Buffer.from(file.text).toString('utf8').split(/\r?\n/)
  return found.map(({ rule, message, location }) => {
    const { description, url } = RULES.get(rule)!
    return { rule, description, url, message, location: { ...location, source } }
  })
}
