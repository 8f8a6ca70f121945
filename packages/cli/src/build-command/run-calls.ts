import {
  type BuildFile,
  type BuildOptions,
  checkDockerfile,
  listTargets,
  openBuildFile,
  outlineDockerfile,
} from '@cooperage/builder'
import type { Store } from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import type { Invocation } from '../invocation.js'
import { checkJson, checkText } from '../render/check.js'
import { escapeLine } from '../render/escape.js'
import { outlineJson, outlineText } from '../render/outline.js'
import { targetsJson, targetsText } from '../render/targets.js'
import { reportError } from '../report-error.js'
import type { BuildPlan } from './build-plans.js'
import type { Call } from './call.js'
import { contextInput } from './context-input.js'

/**
 * Looks at every Dockerfile of the line and builds none. All are looked at, whatever the first one holds; then the last
 * failure is thrown. @throws E_LINT when a check found something
 */
export async function runCalls(
  call: Call,
  plans: readonly BuildPlan[],
  on: { readonly store: Store; readonly invocation: Invocation },
): Promise<void> {
  const { terminal, signal } = on.invocation
  const failures: unknown[] = []
  for (const plan of plans) {
    signal.throwIfAborted()
    if (plans.length > 1) terminal.say(`${call.method} of ${escapeLine(plan.target.name)}\n`)
    try {
      const input = await contextInput(plan.target, on.invocation)
      const options: BuildOptions = { ...plan.options, ...input, store: on.store, signal }
      await runCall(call, await openBuildFile(options), on.invocation)
    } catch (error) {
      if (signal.aborted) throw error
      failures.push(error)
    }
  }
  const last = failures.pop()
  for (const error of failures) terminal.say(reportError(error, { debug: false }))
  if (last !== undefined) throw last
}

async function runCall(call: Call, { text, options }: BuildFile, { terminal }: Invocation): Promise<void> {
  const json = call.format === 'json'
  switch (call.method) {
    case 'targets': {
      const targets = listTargets(text, options)
      return terminal.print(json ? targetsJson(targets) : targetsText(targets))
    }
    case 'outline': {
      const outline = await outlineDockerfile(text, options)
      return terminal.print(json ? outlineJson(outline) : outlineText(outline))
    }
    case 'check': {
      const report = await checkDockerfile(text, options)
      const file = { name: options.name ?? 'Dockerfile', text }
      for (const image of report.unknownImages) {
        terminal.say(
          `note: ${escapeLine(image)} is not in the store: variables that it may define are not judged\n`,
        )
      }
      await terminal.print(json ? checkJson(report, file) : checkText(report))
      if (report.error !== undefined) throw report.error
      const count = report.warnings.length
      if (count === 0) return
      throw new CooperageError('E_LINT', `the checks gave ${count} warning${count === 1 ? '' : 's'}`, {
        hint: 'a comment "# check=skip=RULE" above an instruction leaves the rule out there, at the top of the file everywhere',
      })
    }
  }
}
