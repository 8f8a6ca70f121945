// npm test: everything from a fresh clone to vitest's counts. Arguments go to vitest: npm test -- packages/store
import { build, install, tool } from './steps.mjs'

install()
// The tests of the command run what users run, packages/cli/dist/bin.js.
build()
tool('vitest/vitest.mjs', ['run', ...process.argv.slice(2)])
