import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sharedPath } from '../../../../test/shared.js'
import { parseImageName } from './image-name.js'

test('a short name is completed', () => {
  expect(parseImageName('alpine')).toEqual({ reference: 'docker.io/library/alpine:latest' })
  expect(parseImageName('host:5000/a/b:1')).toEqual({ reference: 'host:5000/a/b:1' })
})

const path = sharedPath('corpora/golden/reference.json')

test.skipIf(path === undefined)('names are completed or refused as in the golden table', () => {
  const { rows } = JSON.parse(readFileSync(path!, 'utf8')) as {
    rows: { text: string; with_default_tag?: string; error?: string }[]
  }
  const wrong = rows
    .filter(({ text }) => text !== undefined)
    .flatMap(({ text, with_default_tag: reference, error }) => {
      const wanted = error === undefined ? { reference } : { error }
      const actual = parseImageName(text)
      return JSON.stringify(actual) === JSON.stringify(wanted) ? [] : [{ text, wanted, actual }]
    })
  expect(wrong).toEqual([])
})
