import { expect, test } from 'vitest'
import { parsePort } from './port.js'

const location = { file: 'Dockerfile', line: 1 }

test.each([
  ['80', ['80/tcp']],
  ['+80/', ['80/tcp']],
  ['00080/UDP', ['80/udp']],
  ['80-82/sctp', ['80/sctp', '81/sctp', '82/sctp']],
  ['8080:80', ['80/tcp']],
  ['8000-8010:80', ['80/tcp']],
  ['[::1]:8080:80', ['80/tcp']],
])('EXPOSE %s opens %j', (text, ports) => {
  expect(parsePort(text, location)).toEqual(ports)
})

test.each([
  ['65536', 'invalid containerPort: 65536'],
  ['90-80', 'invalid containerPort: 90-80'],
  [':', 'invalid port: ":": no port specified'],
  ['80/foo', 'invalid port: "80/foo": invalid proto: foo'],
  ['::1:80', 'invalid IP address: :'],
  ['x:80', 'invalid hostPort: x'],
])('EXPOSE %s is refused', (text, message) => {
  expect(() => parsePort(text, location)).toThrow(
    expect.objectContaining({ code: 'E_DF_PORT', message, location }),
  )
})
