import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { cooper, type Run, type RunOptions } from './cooper.js'
import { sharedPath } from './shared.js'

/** A directory of one test file, gone with it. Commands run in it have their home, and so their store, there. */
export interface Workspace {
  readonly root: string
  /** Absolute path of a name in it. */
  path(name: string): string
  /** Makes a folder with these files, and those between. A content of undefined makes an empty directory. */
  folder(name: string, files: Readonly<Record<string, string | Uint8Array | undefined>>): string
  run(args: readonly string[], options?: RunOptions): Promise<Run>
}

/** Call it once at the top of a test file. */
export function workspace(name: string): Workspace {
  const root = mkdtempSync(join(tmpdir(), `cooper-${name}-`))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const path = (below: string) => join(root, below)
  return {
    root,
    path,
    folder(below, files) {
      mkdirSync(path(below), { recursive: true })
      for (const [file, content] of Object.entries(files)) {
        const target = join(root, below, file)
        mkdirSync(content === undefined ? target : dirname(target), { recursive: true })
        if (content !== undefined) writeFileSync(target, content)
      }
      return path(below)
    },
    run: (args, options = {}) => cooper(args, { cwd: root, ...options, env: { HOME: root, ...options.env } }),
  }
}

/** The default place of the store below a HOME. */
export function storeOf(home: string): string {
  return join(home, '.local/share/cooperage')
}

/** Makes the inputs that `tools/fixtures KIND` describes; undefined (and a printed line) where the tool is missing. */
export function fixture(kind: string, directory: string, scale: number): string | undefined {
  const tool = sharedPath('tools/fixtures')
  if (tool === undefined) return undefined
  execFileSync(tool, [kind, directory, '--scale', String(scale)], { stdio: 'pipe' })
  return join(directory, 'context')
}
