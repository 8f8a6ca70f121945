import { readdirSync, readFileSync } from 'node:fs'
import { isCooperageError } from '@cooperage/store'
import { expect, test } from 'vitest'
import { parseDockerfile } from '../packages/builder/src/parse-dockerfile.js'
import { readGolden } from './golden.js'
import { sharedPath } from './shared.js'

const SEED = 20_261_121
const INPUTS = 2_000
/** No file of the corpora is near it, so the cost of one input stays that of its size. */
const LONGEST = 200_000

/** Numbers below `end` that look random and are the same in every run (mulberry32). */
function generator(seed: number): (end: number) => number {
  let state = seed
  return (end) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }
}

/** Pieces that mean something to the parser, to be put where they do not belong. */
const PIECES = [
  ...[
    '\\\n',
    '\n',
    '\r\n',
    '\0',
    '\ufeff',
    '\u00a0',
    '<<EOF',
    '<<-"E F"',
    '\nEOF\n',
    '${',
    '}',
    '${a:-',
    '$',
    '"',
  ],
  ...[
    "'",
    '[',
    ']',
    '["a"]',
    '["',
    '\\',
    '`',
    '# escape=`\n',
    '# syntax=x\n',
    '#',
    '--',
    '--mount=',
    '--chown=a ',
  ],
  ...[
    'ONBUILD ',
    'FROM ',
    'RUN ',
    'ENV ',
    'COPY ',
    'HEALTHCHECK --interval=',
    'ARG ',
    '=',
    ' ',
    '\t',
    '\\"',
    '\u{1f600}',
  ],
].map((piece) => Buffer.from(piece))

function mutate(input: Buffer, pick: (end: number) => number): Buffer {
  let bytes = input
  for (let rounds = 1 + pick(6); rounds > 0; rounds--) {
    const at = pick(bytes.length + 1)
    const length = pick(Math.min(40, bytes.length - at + 1) || 1)
    const head = bytes.subarray(0, at)
    const tail = bytes.subarray(at)
    const piece = PIECES[pick(PIECES.length)]!
    const variants = [
      () => Buffer.concat([head, piece, tail]),
      () => Buffer.concat([head, tail.subarray(length)]),
      () => Buffer.concat([head, tail.subarray(0, length), tail]),
      () => Buffer.concat([head, Buffer.from([pick(256)]), tail.subarray(1)]),
      () => Buffer.concat([head, ...Array.from({ length: 1 + pick(3_000) }, () => piece), tail]),
      () => head,
    ]
    bytes = variants[pick(variants.length)]!().subarray(0, LONGEST)
  }
  return bytes
}

function corpus(): readonly Buffer[] {
  const files = sharedPath('corpora/buildkit/parser/testfiles')
  const names = files === undefined ? [] : readdirSync(files)
  const tables = ['parse-ok.json', 'parse-error.json'].flatMap(
    (name) => readGolden<{ dockerfile?: string }>(name)?.rows ?? [],
  )
  return [
    ...names.map((name) => readFileSync(`${files}/${name}/Dockerfile`)),
    ...tables.map((row) => Buffer.from(row.dockerfile ?? '')),
  ]
}

test('broken files are understood or refused with an error of ours, and soon', () => {
  const inputs = corpus()
  if (inputs.length === 0) return
  const pick = generator(SEED)
  let refused = 0
  let slowest = 0
  for (let count = 0; count < INPUTS; count++) {
    const input = mutate(inputs[pick(inputs.length)]!, pick)
    const started = performance.now()
    try {
      parseDockerfile(input)
    } catch (error) {
      if (!isCooperageError(error)) throw new Error(`input ${count} broke the parser`, { cause: error })
      expect(error.message, `input ${count}`).not.toBe('')
      expect(error.location?.line, `input ${count}`).toBeGreaterThan(0)
      refused++
    }
    slowest = Math.max(slowest, performance.now() - started)
  }
  expect(slowest).toBeLessThan(2_000)
  expect(refused).toBeGreaterThan(INPUTS / 10)
  expect(refused).toBeLessThan(INPUTS)
  console.log(`${INPUTS} inputs, ${refused} refused, the slowest took ${Math.round(slowest)} ms`)
})
