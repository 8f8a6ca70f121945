import { files } from './files/suite.mjs'
import { registry } from './registry/suite.mjs'
import { run } from './run/suite.mjs'

/**
 * All that there are, in the order in which they run.
 * @type {import('../lib/suite.mjs').Suite[]}
 */
export const suites = [files, registry, run]
