import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { OutputSpec } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import { realPathOf } from './real-path-of.js'

/** What one build writes beside the store. */
export interface Written {
  readonly outputs: readonly OutputSpec[]
  readonly iidFile?: string
  readonly metadataFile?: string
}

interface Place {
  readonly flag: string
  readonly path: string
  readonly isFile: boolean
}

/**
 * A file is written once in a command: the last writer would silently take it from the others. A directory may be
 * filled by several outputs, and a device takes whatever comes. @throws E_CLI
 */
export async function checkFiles(builds: readonly Written[]): Promise<void> {
  const owners = new Map<string, Place>()
  for (const place of builds.flatMap(placesOf)) {
    const path = await targetOf(place.path)
    if (path === undefined) continue
    const owner = owners.get(path)
    if (owner !== undefined && (owner.isFile || place.isFile)) {
      const flags =
        owner.flag === place.flag ? `two of --${place.flag}` : `--${owner.flag} and --${place.flag}`
      throw new CooperageError('E_CLI', `${flags} would write to ${JSON.stringify(place.path)}`, {
        hint: 'give each of them a path of its own',
      })
    }
    owners.set(path, place)
  }
}

function placesOf({ outputs, iidFile, metadataFile }: Written): Place[] {
  const files = { iidfile: iidFile, 'metadata-file': metadataFile }
  return [
    ...outputs.flatMap((output) => (hasPath(output) ? [placeOf(output)] : [])),
    ...Object.entries(files).flatMap(([flag, path]) =>
      path === undefined ? [] : [{ flag, path, isFile: true }],
    ),
  ]
}

function hasPath({ kind, destination }: OutputSpec): boolean {
  return kind !== 'image' && kind !== 'cacheonly' && destination !== '-'
}

function placeOf(output: OutputSpec): Place {
  const isDirectory = output.kind === 'local' || ('tar' in output && !output.tar)
  return { flag: 'output', path: output.destination, isFile: !isDirectory }
}

/** Undefined for what is neither a file nor a directory. What cannot be looked at is an error of the writer. */
async function targetOf(path: string): Promise<string | undefined> {
  const full = resolve(path)
  const found = await stat(full).catch(() => undefined)
  if (found !== undefined && !found.isFile() && !found.isDirectory()) return undefined
  return realPathOf(full).catch(() => full)
}
