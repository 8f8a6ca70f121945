import { readdirSync, readFileSync } from 'node:fs'
import { isCooperageError } from '@cooperage/store'
import { expect, test } from 'vitest'
import { checksOf } from '../packages/builder/src/lint/checks-of.js'
import { parseChecked } from '../packages/builder/src/lint/parse-checked.js'
import { planBuild } from '../packages/builder/src/plan/plan-build.js'
import { readGolden } from './golden.js'
import { goldenResolver } from './golden-bases.js'
import { sharedPath } from './shared.js'

/** COOPERAGE_SEED and COOPERAGE_MUTATIONS choose other ones: `node scripts/nightly.mjs` runs many. */
const SEED = Number(process.env.COOPERAGE_SEED ?? 20_261_121)
const INPUTS = Number(process.env.COOPERAGE_MUTATIONS ?? 2_000)
/** No file of the corpora is near it, so the cost of one input stays that of its size. */
const LONGEST = 200_000
const SLOWEST = 2_000
const MINUTES = 60_000

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
    '%%',
    '//',
    '<<',
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
    'ADD ',
    'WORKDIR ',
    'EXPOSE 1-65535 ',
    'SHELL ',
    'VOLUME ',
    'USER ',
    'STOPSIGNAL ',
    ' AS ',
    '--from=',
    '--platform=$',
    '# check=skip=all\n',
    '=',
    ' ',
    '\t',
    '\\"',
    '\u{1f600}',
  ],
].map((piece) => Buffer.from(piece))

function mutate(input: Buffer, pick: (end: number) => number): Buffer {
  let bytes = input
  // Few changes leave a file that gets far, many one that does not.
  for (let rounds = 1 + pick(1 + pick(6)); rounds > 0; rounds--) {
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
  const tables = ['parse-ok.json', 'parse-error.json', 'image-config.json', 'lint.json'].flatMap(
    (name) => readGolden<{ dockerfile?: string }>(name)?.rows ?? [],
  )
  return [
    ...names.map((name) => readFileSync(`${files}/${name}/Dockerfile`)),
    ...tables.map((row) => Buffer.from(row.dockerfile ?? '')),
  ]
}

/** The start of an input in base64, to be looked at. */
const shownOf = (input: Buffer) => input.subarray(0, 4_000).toString('base64')

/** All that happens to a Dockerfile before a file is touched: it is parsed, checked and planned, with a base for every name. */
async function judge(text: Uint8Array): Promise<'planned' | 'refused'> {
  const file = { name: 'Dockerfile', text }
  try {
    const checks = checksOf(file, {})
    await planBuild(parseChecked(file, checks), {
      buildArgs: {},
      labels: {},
      buildPlatform: { os: 'linux', architecture: 'amd64' },
      checks,
      resolveImage: goldenResolver({}),
    })
    return 'planned'
  } catch (error) {
    if (!isCooperageError(error) || error.code === 'E_INTERNAL') throw error
    if (error.message === '') throw new Error('an error without a message')
    if (error.location !== undefined && error.location.line < 1) throw new Error('a line before the first')
    return 'refused'
  }
}

test(
  'broken files are understood or refused with an error of ours, and soon',
  async () => {
    const inputs = corpus()
    if (inputs.length === 0) return
    const pick = generator(SEED)
    let refused = 0
    let slowest = 0
    for (let count = 0; count < INPUTS; count++) {
      const input = mutate(inputs[pick(inputs.length)]!, pick)
      const started = performance.now()
      try {
        if ((await judge(input)) === 'refused') refused++
      } catch (cause) {
        throw new Error(`input ${count} of seed ${SEED} is a fault: ${shownOf(input)}`, { cause })
      }
      const took = performance.now() - started
      if (took > SLOWEST)
        throw new Error(`input ${count} of seed ${SEED} took ${Math.round(took)} ms: ${shownOf(input)}`)
      slowest = Math.max(slowest, took)
    }
    expect(refused).toBeGreaterThan(INPUTS / 10)
    expect(refused).toBeLessThan(INPUTS)
    console.log(
      `${INPUTS} inputs of seed ${SEED}, ${refused} refused, the slowest took ${Math.round(slowest)} ms`,
    )
  },
  30 * MINUTES,
)
