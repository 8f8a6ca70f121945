import { expect, it } from 'vitest'
import { exitOf } from './container-exit.js'

it('the status of wait(2) is told as a shell tells it', () => {
  expect(exitOf(0)).toEqual({ exitCode: 0 })
  expect(exitOf(7 << 8)).toEqual({ exitCode: 7 })
  expect(exitOf(9)).toEqual({ exitCode: 137, signal: 'SIGKILL' })
  expect(exitOf(11 | 0x80)).toEqual({ exitCode: 139, signal: 'SIGSEGV' })
})
