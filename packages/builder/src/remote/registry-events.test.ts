import { expect, it } from 'vitest'
import type { BuildEvent } from '../events.js'
import { registryEvents } from './registry-events.js'

it('failed tries and mirrors are told with their host, once', () => {
  const told: BuildEvent[] = []
  const tell = registryEvents('step', (event) => told.push(event))
  const failed = { host: 'r.io', code: 'E_REG_SERVER', tried: 1, wait: 500 }
  tell({ kind: 'retry', ...failed, message: 'r.io: manifest a: the registry fails (503)' })
  tell({ kind: 'retry', ...failed, message: 'auth.io: token for r.io: the registry fails (503)' })
  tell({ kind: 'passed-over', host: 'm.io', code: 'E_CONNECT', message: 'm.io: manifest a: refused' })
  expect(told.map((event) => ('data' in event ? event.data : 'message' in event && event.message))).toEqual([
    'r.io: manifest a: the registry fails (503) (E_REG_SERVER); trying again in 0.5s\n',
    'r.io: auth.io: token for r.io: the registry fails (503) (E_REG_SERVER); trying again in 0.5s\n',
    'm.io did not help: manifest a: refused (E_CONNECT)',
  ])
})
