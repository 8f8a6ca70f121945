// npm run test:long [-- --seconds N]: the tests that take minutes, whole; npm test has their beginning. With a time,
// those that may not come to their end in what is left of it are left out, and named. Ends with 1 when a test failed.
import { spawnSync } from 'node:child_process'
import { build, install, root } from './steps.mjs'

/** In the order of what each shows that nothing else does, with its seconds on two cores that do nothing else. */
const FILES = {
  'test/run-real-places.test.ts': 120,
  'test/parity/run-parity.test.ts': 180,
  'test/executors.test.ts': 150,
  'test/store-processes.test.ts': 90,
  'test/executor-processes.test.ts': 60,
  'test/run-projection.test.ts': 50,
  'test/compression-tools.test.ts': 60,
}
/** How much slower a machine may be that others use too. */
const SLOWER = 2.5

const [flag, value = ''] = process.argv.slice(2)
if (flag !== undefined && (flag !== '--seconds' || !/^\d+$/.test(value))) {
  console.error('usage: npm run test:long [-- --seconds N]')
  process.exit(2)
}
install()
build()
const end = flag === undefined ? Number.POSITIVE_INFINITY : Date.now() + Number(value) * 1000
let failed = false
for (const [file, seconds] of Object.entries(FILES)) {
  if (end - Date.now() < seconds * SLOWER * 1000) {
    console.log(`not run, there is no time for it: ${file}`)
    continue
  }
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file], {
    cwd: root,
    env: { ...process.env, COOPERAGE_LONG: '1' },
    stdio: 'inherit',
  })
  if (status !== 0) failed = true
}
process.exit(failed ? 1 : 0)
