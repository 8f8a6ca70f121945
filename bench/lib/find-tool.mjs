import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/steps.mjs'

/**
 * Path of one of the tools that make the inputs and the rivals, or undefined where it is not there. They lie where
 * the test data lies: in the folder that COOPERAGE_SHARED names, or in `shared` beside the checkout.
 * @param {string} name
 */
export function findTool(name) {
  const path = join(process.env.COOPERAGE_SHARED ?? join(root, '..', 'shared'), 'tools', name)
  return existsSync(path) ? path : undefined
}
