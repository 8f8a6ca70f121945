import { expect, test } from 'vitest'
import { userFolder } from './user-folder.js'

test('an absolute XDG variable names the place', () => {
  expect(userFolder('data', { XDG_DATA_HOME: '/d', HOME: '/h' })).toBe('/d/cooperage')
})

test('an empty or relative XDG variable means the default below HOME', () => {
  expect(userFolder('data', { XDG_DATA_HOME: '', HOME: '/h' })).toBe('/h/.local/share/cooperage')
  expect(userFolder('config', { XDG_CONFIG_HOME: 'rel', HOME: '/h' })).toBe('/h/.config/cooperage')
})

test('without HOME the error names the way out', () => {
  expect(() => userFolder('data', {})).toThrow(
    expect.objectContaining({ code: 'E_HOME', hint: expect.stringContaining('COOPERAGE_STORE') }),
  )
})
