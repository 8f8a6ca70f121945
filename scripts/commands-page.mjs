// Writes docs/commands.md from the table of commands; needs the packages built.
import { writeFileSync } from 'node:fs'
import { docsPage } from '../packages/cli/dist/flags/docs-page.js'
import { SHARED_FLAGS } from '../packages/cli/dist/flags/shared-flags.js'
import { COMMANDS } from '../packages/cli/dist/flags/table.js'

writeFileSync(new URL('../docs/commands.md', import.meta.url), docsPage(COMMANDS, SHARED_FLAGS))
