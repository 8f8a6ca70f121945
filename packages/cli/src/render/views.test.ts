import type { BuildEvent } from '@cooperage/builder'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { plainView } from './plain.js'
import type { ProgressView } from './progress.js'
import { rawJsonView } from './rawjson.js'
import { ttyView } from './tty.js'

const EVENTS: readonly BuildEvent[] = [
  { type: 'step.start', step: 'context', name: 'load build context', inputs: [], at: 1000 },
  { type: 'step.start', step: 's0/1', name: '[app 1/2] COPY \x1b[2Ja /a', inputs: ['context'], at: 1050 },
  { type: 'progress', step: 'context', id: 'files', current: 5, unit: 'files', at: 1100 },
  { type: 'progress', step: 'context', id: 'files', current: 10, total: 10, unit: 'files', at: 1200 },
  { type: 'step.end', step: 'context', outcome: 'done', at: 1300 },
  { type: 'log', step: 's0/1', stream: 'stdout', data: 'one\ntwo\n', at: 1400 },
  { type: 'step.end', step: 's0/1', outcome: 'done', at: 1500 },
  { type: 'step.start', step: 's0/2', name: '[app 2/2] WORKDIR /w', inputs: ['s0/1'], at: 1500 },
  { type: 'step.end', step: 's0/2', outcome: 'cached', at: 1500 },
  {
    type: 'warning',
    rule: 'StageNameCasing',
    message: "Stage name 'App' should be lowercase",
    location: { file: 'Dockerfile', line: 1 },
    at: 1600,
  },
  { type: 'step.start', step: 'out', name: 'export docker archive', inputs: [], at: 1600 },
  { type: 'output', step: 'out', kind: 'docker', destination: 'a.tar', at: 1700 },
  { type: 'step.end', step: 'out', outcome: 'failed', error: 'disk full', at: 1700 },
]

function play(make: (write: (text: string) => void) => ProgressView): string {
  let text = ''
  const view = make((more) => {
    text += more
  })
  for (const event of EVENTS) view.event(event)
  view.end('failed')
  view.end('failed')
  return text
}

describe('plain', () => {
  test('reads like BuildKit, and obeys no control character of a name', () => {
    expect(play(plainView)).toBe(`#1 load build context
#1 ...

#2 [app 1/2] COPY \\x1b[2Ja /a
#2 ...

#1 load build context
#1 files: 10 files 0.1s done
#1 DONE 0.3s

#2 [app 1/2] COPY \\x1b[2Ja /a
#2 0.350 one
#2 0.350 two
#2 DONE 0.5s

#3 [app 2/2] WORKDIR /w
#3 CACHED

WARN: StageNameCasing: Stage name 'App' should be lowercase (Dockerfile:1)
#4 export docker archive
#4 wrote docker: a.tar
#4 ERROR: disk full

`)
  })
})

describe('rawjson', () => {
  const lines = play(rawJsonView)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>[]>)

  test('a step is a vertex with a digest, and its inputs are vertexes', () => {
    const first = lines[0]!.vertexes![0]!
    expect(first).toMatchObject({ name: 'load build context', started: '1970-01-01T00:00:01.000Z' })
    expect(first.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(lines[1]!.vertexes![0]!.inputs).toEqual([first.digest])
  })

  test('a cached step and a failed one say so', () => {
    const ends = lines.flatMap((line) => line.vertexes ?? []).filter((vertex) => vertex.completed)
    expect(ends.map(({ cached, error }) => [cached, error])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [true, undefined],
      [undefined, 'disk full'],
    ])
  })

  test('logs are base64 with the number of the stream', () => {
    const log = lines.flatMap((line) => line.logs ?? [])[0]!
    expect(log.stream).toBe(1)
    expect(Buffer.from(log.data as string, 'base64').toString()).toBe('one\ntwo\n')
  })

  test('a count that reached its total is completed', () => {
    const statuses = lines.flatMap((line) => line.statuses ?? [])
    expect(statuses.map(({ current, completed }) => [current, completed !== undefined])).toEqual([
      [5, false],
      [10, true],
      [0, true],
    ])
  })
})

describe('tty', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const screen = (write: (text: string) => void, size = { columns: 60, rows: 24 }) => ({
    write,
    size: () => size,
    colour: false,
    heading: 'Building',
    now: () => Date.now(),
  })

  test('the last frame lists every step once, times at the right edge', () => {
    vi.useFakeTimers({ now: 1700 })
    const text = play((write) => ttyView(screen(write)))
    expect(text).toBe(
      [
        '[+] Building 0.0s (4/4) FAILED',
        ' => load build context                                  0.3s',
        ' => => files 10 / 10 files                              0.1s',
        ' => [app 1/2] COPY \\x1b[2Ja /a                          0.5s',
        ' => CACHED [app 2/2] WORKDIR /w                         0.0s',
        ' => export docker archive                               0.1s',
        ' => => ERROR: disk full',
        "WARN: StageNameCasing: Stage name 'App' should be lowercase (Dockerfile:1)",
        '',
      ]
        .join('\x1b[K\n')
        .concat('\x1b[J'),
    )
  })

  test('a frame is drawn over the one before and never exceeds the window', () => {
    vi.useFakeTimers({ now: 1000 })
    const frames: string[] = []
    const view = ttyView(screen((text) => frames.push(text), { columns: 40, rows: 4 }))
    for (const event of EVENTS) view.event(event)
    vi.advanceTimersByTime(200)
    expect(frames).toHaveLength(2)
    expect(frames[0]!.match(/\n/g)).toHaveLength(3)
    expect(frames[1]!.startsWith('\x1b[?7l\x1b[3A\r')).toBe(true)
    view.end('failed')
  })
})
