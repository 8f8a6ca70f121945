import { goQuote } from '../dockerfile/go-quote.js'
import { lowerCase, upperCase } from '../dockerfile/go-text.js'
import type { Dockerfile } from '../instructions/commands.js'
import { isUniform } from './check-nodes.js'
import type { Checks } from './checks.js'

/** Judges what is seen when all instructions are known: the case of keywords, and the names of stages. */
export function checkStages(dockerfile: Dockerfile, checks: Checks): void {
  checkCasing(dockerfile, checks)
  checkNames(dockerfile, checks)
}

/** ARGs above the first FROM neither count nor are judged, as in BuildKit. */
function checkCasing({ stages }: Dockerfile, checks: Checks): void {
  const instructions = stages.flatMap((stage) => [stage, ...stage.commands])
  const uniform = instructions.map(({ keyword }) => keyword).filter(isUniform)
  const lower = uniform.filter((keyword) => lowerCase(keyword) === keyword).length
  const mostly = lower > uniform.length - lower ? 'lowercase' : 'uppercase'
  const wanted = mostly === 'lowercase' ? lowerCase : upperCase
  for (const { keyword, range } of instructions) {
    if (wanted(keyword) === keyword) continue
    const message = `Command '${keyword}' should match the case of the command majority (${mostly})`
    checks.report('ConsistentInstructionCasing', message, { range })
  }
}

function checkNames({ stages }: Dockerfile, checks: Checks): void {
  const seen = new Set<string>()
  for (const stage of stages) {
    const { name } = stage
    if (name === '') continue
    if (name === 'scratch' || name === 'context') {
      const message = `Stage name should not use the same name as reserved stage ${goQuote(name)}`
      checks.report('ReservedStageName', message, stage)
    }
    if (seen.has(name)) {
      const message = `Duplicate stage name ${goQuote(name)}, stage names should be unique`
      checks.report('DuplicateStageName', message, stage)
    }
    seen.add(name)
  }
}
