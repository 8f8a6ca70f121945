// node scripts/nightly.mjs [INPUTS [SEED]]: what takes too long for every change. 100,000 broken Dockerfiles, made from
// the corpora with a seed that is printed, are parsed, checked and planned; the tests do the same with 2,000.
import { step } from './steps.mjs'

const [inputs = '100000', seed = String(Math.floor(Math.random() * 2 ** 31))] = process.argv.slice(2)
if (![inputs, seed].every((text) => /^\d+$/.test(text))) {
  console.error('usage: node scripts/nightly.mjs [INPUTS [SEED]]')
  process.exit(2)
}
console.log(`seed ${seed}: node scripts/nightly.mjs ${inputs} ${seed} repeats this run`)
process.env.COOPERAGE_MUTATIONS = inputs
process.env.COOPERAGE_SEED = seed
step('npx', ['vitest', 'run', 'test/dockerfile-mutations.test.ts'])
