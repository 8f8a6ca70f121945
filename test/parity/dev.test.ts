import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { workspace } from '../workspace.js'
import { makeBase } from './base-image.js'
import { byBuildKit, byCooper } from './builders.js'
import { makeContext } from './context.js'
import type { ParityCase } from './parity-case.js'

const space = workspace('dev')
const docker = ['/var/tmp/parity-rival', 'run', 'docker']
test('dev', async () => {
  const mod = await import(process.env.DEV_CASES!)
  let cases = Object.values(mod).find((v) => Array.isArray(v)) as ParityCase[]
  if (typeof mod.generate === 'function')
    cases = mod.generate(Number(process.env.SEED ?? 1), Number(process.env.COUNT ?? 100))
  if (process.env.ONLY) cases = cases.filter((c) => c.name.includes(process.env.ONLY!))
  const base = makeBase(space.path('base'))
  const queue = [...cases.entries()]
  const out: string[] = []
  let differ = 0,
    failed = 0,
    warn: Record<string, number> = {}
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, one] = next
      const place = { space, base, context: `context-${process.pid}-${index}` }
      makeContext(space.path(place.context), one)
      const ours = await byCooper(one, place)
      const theirs = await byBuildKit(docker, one, place)
      if (theirs.error) failed++
      const lines: string[] = []
      if ((ours.error === undefined) !== (theirs.error === undefined))
        lines.push('OUTCOME', `ours: ${ours.error ?? 'built'}`, `theirs: ${theirs.error ?? 'built'}`)
      else if (ours.error === undefined) {
        for (const part of ['config', 'history', 'layers', 'diffIds', 'manifest'] as const) {
          const [m, t] = [
            JSON.stringify(ours[part], undefined, 1),
            JSON.stringify(theirs[part], undefined, 1),
          ]
          if (m !== t) {
            const [ml, tl] = [m.split('\n'), t.split('\n')]
            lines.push(
              part.toUpperCase(),
              ...ml.filter((l) => !tl.includes(l)).map((l) => `  ours   ${l}`),
              ...tl.filter((l) => !ml.includes(l)).map((l) => `  theirs ${l}`),
            )
            if (part === 'layers' && lines.at(-1) === 'LAYERS') lines.push(m, t)
          }
        }
      } else if (process.env.ERRORS)
        out.push(
          `--- ${one.name}\n${Buffer.from(one.dockerfile as string)}\nOURS ${ours.error}\nTHEIRS ${theirs.error}\n`,
        )
      if (lines.length) {
        differ++
        out.push(
          `=== ${one.name}\n${one.dockerfile}\n${one.args ?? ''} ${one.ignore ?? ''}\n${lines.join('\n')}\n`,
        )
      }
    }
  }
  await Promise.all([worker(), worker(), worker()])
  writeFileSync(process.env.DEV_OUT ?? '/tmp/pt/dev.txt', out.join('\n'))
  console.log(`${cases.length} cases, ${differ} differ, ${failed} fail with BuildKit`)
}, 3_000_000)
