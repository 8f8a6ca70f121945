import { realpath } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import type { OutputSpec } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import type { FlagValues } from '../flags/parse.js'
import { realPathOf } from './real-path-of.js'

/** What `--allow` grants beside the rights of RUN: an output that deletes files outside of the working directory. */
export const LOCAL_DELETE = 'buildx.local.delete'

/**
 * An output that deletes what the image lacks does so below the working directory only, unless `--allow` says
 * otherwise: a slip in a path must not empty a home directory. Links are followed first.
 * @throws E_CLI
 */
export async function checkDeletes(outputs: readonly OutputSpec[], flags: FlagValues): Promise<void> {
  if (flags.list('allow').includes(LOCAL_DELETE)) return
  const here = await realpath('.')
  for (const output of outputs) {
    if (output.kind !== 'local' || output.mode !== 'delete') continue
    const path = relative(here, await realPathOf(resolve(output.destination)))
    if (path !== '' && path !== '..' && !path.startsWith('../')) continue
    throw new CooperageError(
      'E_CLI',
      `local output mode=delete for destination ${JSON.stringify(output.destination)} requires --allow=${LOCAL_DELETE}`,
      {
        hint: 'whatever the image does not have is deleted there; name a directory below this one, or allow it',
      },
    )
  }
}
