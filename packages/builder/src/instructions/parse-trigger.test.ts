import { isCooperageError } from '@cooperage/store'
import { expect, it } from 'vitest'
import { parseTrigger } from './parse-trigger.js'

const place = { text: { file: 'Dockerfile', lines: ['# c', 'FROM a'] }, range: { line: 2, endLine: 2 } }

function refusal(trigger: string): unknown {
  try {
    parseTrigger(trigger, place)
  } catch (error) {
    if (!isCooperageError(error)) throw error
    const { line, file } = error.location ?? {}
    return { fault: `${error.code}: ${error.message}`, line, file, trigger: error.data.trigger }
  }
  throw new Error('the trigger was accepted')
}

it('a trigger becomes a command at the place of the FROM that fires it', () => {
  expect(parseTrigger('COPY <<A /b\nx\nA', place)).toMatchObject({
    kind: 'copy',
    range: { line: 2, endLine: 2 },
    heredocs: [{ name: 'A', content: 'x\n' }],
  })
})

it.each([
  ['RUN a\nRUN b', 'E_DF_ONBUILD: onbuild trigger should be a single expression'],
  ['FROM a', "E_DF_ONBUILD: FROM isn't allowed as an ONBUILD trigger"],
  ['RNU a', 'E_DF_UNKNOWN: unknown instruction: RNU (did you mean RUN?)'],
  ['# a', 'E_DF_EMPTY: file with no instructions'],
  ['RUN <<A\n', 'E_DF_HEREDOC: unterminated heredoc'],
  ['RUN a\0b', 'E_DF_ENCODING: NUL byte at offset 5'],
])('the trigger %j is refused at that FROM', (trigger, fault) => {
  expect(refusal(trigger)).toEqual({ fault, line: 2, file: 'Dockerfile', trigger })
})
