import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { docsPage } from './docs-page.js'
import { SHARED_FLAGS } from './shared-flags.js'
import { COMMANDS } from './table.js'

test('docs/commands.md says what the table says (scripts/commands-page.mjs makes it anew)', () => {
  const page = readFileSync(new URL('../../../../docs/commands.md', import.meta.url), 'utf8')
  expect(page).toBe(docsPage(COMMANDS, SHARED_FLAGS))
})

test('what limits a RUN is not said to be without effect', () => {
  const page = docsPage(COMMANDS, SHARED_FLAGS)
  const [shown = '', hidden = ''] = page.split('**Known from docker; refused, or without effect here**')
  for (const flag of ['`-m, --memory ', '`-c, --cpu-shares ', '`--cpu-period ', '`--cpu-quota ']) {
    expect([flag, shown.includes(flag), hidden.includes(flag)]).toEqual([flag, true, false])
  }
})
