import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OutputLines } from './output-lines.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function output(...secrets: readonly string[]) {
  const shown: string[] = []
  const lines = new OutputLines({
    onLines: (stream, text) => shown.push(`${stream}: ${text}`),
    secrets: secrets.map((secret) => Buffer.from(secret)),
  })
  const take = (text: string | Buffer, stream: 'stdout' | 'stderr' = 'stdout') =>
    lines.take(stream, Buffer.from(text as string))
  return { lines, shown, take }
}

describe('output', () => {
  it('comes in whole lines, each stream by itself', () => {
    const { lines, shown, take } = output()
    take('one\ntw')
    take('err', 'stderr')
    take('o\nthree')
    take('or\n', 'stderr')
    lines.end()
    expect(shown).toEqual(['stdout: one\n', 'stdout: two\n', 'stderr: error\n', 'stdout: three'])
    expect(lines.tail).toEqual(['one', 'two', 'error', 'three'])
  })

  it('shows what waits for its end after a while', () => {
    const { shown, take } = output()
    take('continue? ')
    expect(shown).toEqual([])
    vi.advanceTimersByTime(300)
    expect(shown).toEqual(['stdout: continue? '])
  })

  it('joins characters that come in parts', () => {
    const { lines, shown, take } = output()
    const bytes = Buffer.from('ä€😀\n')
    for (let at = 0; at < bytes.length; at++) take(bytes.subarray(at, at + 1))
    lines.end()
    expect(shown).toEqual(['stdout: ä€😀\n'])
  })

  it('remembers the last twenty lines, and of a long one the start', () => {
    const { lines, take } = output()
    for (let n = 0; n < 50; n++) take(`line ${n}\n`)
    take(`${'x'.repeat(600)}\n`)
    expect(lines.tail).toHaveLength(20)
    expect(lines.tail[0]).toBe('line 31')
    expect(lines.tail[19]).toBe(`${'x'.repeat(500)}…`)
  })

  it('does not show secrets, nor a line of one', () => {
    const { lines, shown, take } = output('hunter2hunter2\nsecond line\n', 'abc')
    take('it is hunter2hunter2!\nand second line\nabc\n')
    expect(shown.join('')).toBe('stdout: it is ***!\nand ***\nabc\n')
    expect(lines.tail).toEqual(['it is ***!', 'and ***', 'abc'])
  })

  it('does not show a secret that comes in parts', () => {
    const { lines, shown, take } = output('hunter2hunter2', 'hunter2hunter2 and more')
    take('it is hunter2')
    vi.advanceTimersByTime(300)
    expect(shown).toEqual(['stdout: it is '])
    take('hunter2')
    vi.advanceTimersByTime(300)
    take(' and')
    vi.advanceTimersByTime(300)
    expect(shown).toHaveLength(1)
    take(' more, hunt')
    lines.end()
    expect(shown.slice(1)).toEqual(['stdout: ***, hunt'])
    expect(lines.tail).toEqual(['it is ', '***, hunt'])
  })

  it('does not show a secret that a long line is cut in', () => {
    const { lines, shown, take } = output('s'.repeat(40))
    const before = 'x'.repeat((16 << 10) - 10)
    take(`${before}${'s'.repeat(20)}`)
    take(`${'s'.repeat(20)}y\n`)
    lines.end()
    expect(shown.map((text) => text.slice('stdout: '.length)).join('')).toBe(`${before}***y\n`)
  })

  it('shows the whole of secrets that overlap as one', () => {
    const { shown, take } = output('abcdefgh', 'efghijkl')
    take('abcdefghijkl abcdefghabcdefgh\n')
    expect(shown).toEqual(['stdout: *** ******\n'])
  })

  it('ends somewhere, and the last lines are still known', () => {
    const { lines, shown, take } = output()
    const chunk = `${'y'.repeat(1023)}\n`.repeat(1024)
    for (let n = 0; n < 18; n++) take(chunk)
    take('the last\n')
    expect(shown.join('').length).toBeLessThan(18 << 20)
    expect(shown.at(-1)).toMatch(/\[output clipped: the step wrote more than 16 MiB\]\n$/)
    expect(lines.tail.at(-1)).toBe('the last')
  })
})
