// Judges the packages as npm would publish them: packs each, then reads the archives, never the folders.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { step, tool } from './steps.mjs'

const folder = mkdtempSync(join(tmpdir(), 'cooperage-pack-'))
let failed = 0
try {
  failed += step('npm', ['pack', '--workspaces', '--silent', '--pack-destination', folder], { mayFail: true })
  for (const name of readdirSync(folder)) {
    const archive = join(folder, name)
    failed += tool('publint/src/cli.js', ['run', archive, '--strict'], { mayFail: true })
    failed += wrongTypes(archive)
  }
} finally {
  rmSync(folder, { recursive: true })
}
process.exitCode = failed === 0 ? 0 : 1

/** Its long answer is worth reading only where something is wrong. */
function wrongTypes(archive) {
  // The packages are ESM alone, which Node from 20.19 on can also require().
  const judge = (...args) =>
    tool('@arethetypeswrong/cli/dist/index.js', [archive, '--profile', 'esm-only', ...args], {
      mayFail: true,
    })
  return judge('--quiet') === 0 ? 0 : judge('--no-emoji')
}
