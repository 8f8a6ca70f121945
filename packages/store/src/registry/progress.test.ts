import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RegistryEvent } from './events.js'
import { progressOf } from './progress.js'
import { Call } from './transport/call.js'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

function told(moves: readonly (readonly [ms: number, done: number])[], size: number): number[] {
  const events: RegistryEvent[] = []
  const progress = progressOf(new Call({ onEvent: (event) => events.push(event) }), {
    direction: 'pull',
    digest: `sha256:${'0'.repeat(64)}`,
    size,
  })
  for (const [ms, done] of moves) {
    vi.advanceTimersByTime(ms)
    progress(done)
  }
  return events.map((event) => (event.kind === 'progress' ? event.done : -1))
}

const MiB = 1 << 20

it('tells the beginning and the end, however fast, and once', () => {
  expect(
    told(
      [
        [0, 0],
        [0, 0],
        [1, 3 * MiB],
        [0, 3 * MiB],
      ],
      3 * MiB,
    ),
  ).toEqual([0, 3 * MiB])
})

it('tells of a MiB, and not more often than anybody sees', () => {
  const fast = Array.from({ length: 50 }, (_, index) => [10, (index + 1) * MiB] as const)
  expect(told([[0, 0], ...fast], 100 * MiB)).toEqual([
    0,
    ...[1, 6, 11, 16, 21, 26, 31, 36, 41, 46].map((n) => n * MiB),
  ])
  const slow = Array.from({ length: 8 }, (_, index) => [1000, ((index + 1) * MiB) / 4] as const)
  expect(told([[0, 0], ...slow], 100 * MiB)).toEqual([0, MiB, 2 * MiB])
})

it('tells of a step back, as an upload takes one that begins anew', () => {
  expect(
    told(
      [
        [0, 0],
        [100, 5 * MiB],
        [100, 2 * MiB],
        [100, 0],
      ],
      9 * MiB,
    ),
  ).toEqual([0, 5 * MiB, 2 * MiB, 0])
})
