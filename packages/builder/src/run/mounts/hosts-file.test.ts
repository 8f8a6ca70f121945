import { expect, test } from 'vitest'
import { hostsFile } from './hosts-file.js'

test('names are in small letters', () => {
  expect(hostsFile('box', [{ host: 'B.Example', address: '9.9.9.9' }])).toBe(
    '127.0.0.1\tlocalhost box\n::1\tlocalhost ip6-localhost ip6-loopback\n9.9.9.9\tb.example\n',
  )
})
