import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkDockerfile } from '../check-dockerfile.js'
import { createIgnoreMatcher } from '../context/ignore/create-ignore-matcher.js'
import { rulePages } from './rule-pages.js'
import { RULE_TEXTS } from './rule-texts.js'
import { RULES } from './rules.js'

const host = { os: 'linux', architecture: 'amd64' }

async function rulesFound(text: string, ignore: string | undefined) {
  const report = await checkDockerfile(text, {
    buildPlatform: host,
    findImage: async (name, { os, architecture }) => ({
      os,
      architecture,
      ...(name.endsWith('arm64-only') && { architecture: 'arm64' }),
      config: { Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: [] },
    }),
    ...(ignore !== undefined && { ignore: async () => createIgnoreMatcher(ignore) }),
  })
  expect(report.error?.code).not.toBe('E_DF_SYNTAX')
  return report.warnings.map(({ rule }) => rule)
}

test.each([...RULES.keys()])(
  '%s warns about the bad example of its page, and not about the good one',
  async (name) => {
    const { bad, good, ignore } = RULE_TEXTS[name]
    expect(await rulesFound(bad, ignore)).toEqual([name])
    expect(await rulesFound(good, ignore)).toEqual([])
  },
)

test('docs/checks holds a page of every rule (scripts/checks-pages.mjs makes them anew)', () => {
  const folder = new URL('../../../../docs/checks/', import.meta.url)
  const pages = rulePages()
  expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort())
  for (const [name, text] of pages) expect(readFileSync(new URL(name, folder), 'utf8'), name).toBe(text)
})
