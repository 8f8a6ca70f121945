// Writes docs/checks, a page for each rule of the checks. Compile first: the rules are read from dist/.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { rulePages } from '../packages/builder/dist/lint/rule-pages.js'

const folder = new URL('../docs/checks/', import.meta.url)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const [name, text] of rulePages()) writeFileSync(new URL(name, folder), text)
