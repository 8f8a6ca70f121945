import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { Interruption } from './interruption.js'

function listening() {
  const ends: number[] = []
  const told: string[] = []
  const target = new EventEmitter() as unknown as NodeJS.Process
  const interruption = new Interruption((code) => ends.push(code))
  interruption.listen(target, () => told.push('first'))
  return { interruption, target, ends, told }
}

test('the first Ctrl-C aborts and says so, the second ends at once', () => {
  const { interruption, target, ends, told } = listening()
  target.emit('SIGINT')
  expect(interruption.signal.reason).toMatchObject({ code: 'E_INTERRUPTED', category: 'interrupted' })
  expect([interruption.exitCode, told, ends]).toEqual([130, ['first'], []])
  target.emit('SIGINT')
  expect(ends).toEqual([130])
})

test('SIGTERM aborts with 143 and no word', () => {
  const { interruption, target, told } = listening()
  target.emit('SIGTERM')
  expect([interruption.exitCode, interruption.signal.aborted, told]).toEqual([143, true, []])
})

test('a reader that went away aborts quietly', () => {
  const { interruption } = listening()
  interruption.readerGone()
  expect([interruption.exitCode, interruption.quiet, interruption.signal.aborted]).toEqual([141, true, true])
})
