import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { completionScript } from './completion.js'
import { SHARED_FLAGS } from './shared-flags.js'
import { COMMANDS } from './table.js'

const bash = completionScript('bash', COMMANDS, SHARED_FLAGS)

/** What bash would offer for the last word of the line. */
function offers(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const script = `${bash}
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _cooper; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
}

test('bash completes commands', () => {
  expect(offers('cooper', 'i')).toEqual(['images', 'inspect'])
})

test('bash completes the flags of the command that was named', () => {
  expect(offers('cooper', 'build', '--no-')).toEqual(['--no-cache', '--no-cache-filter'])
  expect(offers('cooper', 'images', '--no-')).toEqual(['--no-trunc'])
})

test('bash completes the values of a flag that has choices', () => {
  expect(offers('cooper', 'build', '--progress', 'p')).toEqual(['plain'])
})

test('bash completes a value after an equals sign', () => {
  expect(offers('cooper', 'build', '--progress', '=', 'p')).toEqual(['plain'])
  expect(offers('cooper', 'build', '--progress', '=')).toContain('rawjson')
})

test('bash completes the names of shells', () => {
  expect(offers('cooper', 'completion', '')).toEqual(['bash', 'zsh', 'fish'])
})

test('hidden flags are not offered', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    expect(completionScript(shell, COMMANDS, SHARED_FLAGS)).not.toContain('cpuset')
  }
})

test('quotes in a summary do not end the string around it', () => {
  const quoted = [{ ...COMMANDS.find((command) => command.name === 'tag')!, summary: "an image's name" }]
  expect(completionScript('zsh', quoted, [])).toContain("'tag:an image'\\''s name'")
  expect(completionScript('fish', quoted, [])).toContain("'an image\\'s name'")
})
