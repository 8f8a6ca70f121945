// Judges the packages as npm would publish them: packs each, then reads the archives, never the folders.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { step, tool } from './steps.mjs'

const lenient = { mayFail: true }
const folder = mkdtempSync(join(tmpdir(), 'cooperage-pack-'))
let failed = 0
try {
  step('npm', ['pack', '--workspaces', '--silent', '--pack-destination', folder])
  for (const name of readdirSync(folder)) {
    const archive = join(folder, name)
    failed += tool('publint/src/cli.js', ['run', archive, '--strict'], lenient)
    // The packages are ESM alone, as their users' Node (>= 20.19) can also require() that.
    failed += tool(
      '@arethetypeswrong/cli/dist/index.js',
      [archive, '--profile', 'esm-only', '--no-emoji'],
      lenient,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
process.exitCode = failed === 0 ? 0 : 1
