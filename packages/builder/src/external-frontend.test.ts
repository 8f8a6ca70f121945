import { expect, test } from 'vitest'
import { parseNodes } from './dockerfile/parse.js'
import { externalFrontend } from './external-frontend.js'
import { parseInstructions } from './instructions/parse-instructions.js'

test.each([
  [undefined, undefined, undefined],
  ['docker/dockerfile:1', undefined, undefined],
  ['example.org/front', undefined, '"# syntax=example.org/front"'],
  ['example.org/front', 'dockerfile.v0', undefined],
  ['example.org/front', 'docker/dockerfile:1.7-labs', undefined],
  [undefined, ' example.org/other with words', 'BUILDKIT_SYNTAX=example.org/other'],
])('with syntax=%s and BUILDKIT_SYNTAX=%s, %s is warned of', (syntax, argument, named) => {
  const first = syntax === undefined ? '' : `# syntax=${syntax}\n`
  const dockerfile = parseInstructions(parseNodes(`${first}FROM scratch\n`))
  const buildArgs = argument === undefined ? {} : { BUILDKIT_SYNTAX: argument }
  const warnings = externalFrontend(dockerfile, { buildArgs })
  expect(warnings.map(({ message }) => message)).toEqual(
    named === undefined ? [] : [expect.stringContaining(named)],
  )
})
