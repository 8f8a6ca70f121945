import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from '../../lib/find-tool.mjs'
import { measure } from '../../lib/measure.mjs'

/**
 * Brings a Debian as an OCI layout, tagged `latest`, into the place. It is made once, in the folder that
 * COOPERAGE_BASES names or in one of its own, and stays there.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {string} name of its folder in the place
 */
export async function makeBase({ folder }, name) {
  const tool = findTool('make-bases')
  if (tool === undefined) throw new Error('the tool `make-bases` is not here, which makes the base image')
  const bases = process.env.COOPERAGE_BASES ?? '/var/tmp/cooperage-bases'
  await measure([tool, '--only', 'debian', bases])
  cpSync(join(bases, 'debian'), join(folder, name), { recursive: true })
}
