import { expect, it } from 'vitest'
import { parseChallenges } from './parse-challenges.js'

const REALM = { realm: 'https://auth/token' }

it.each<[string, [string, Record<string, string>][]]>([
  [
    'Bearer realm="https://auth/token",service="s",scope="a:b:pull,push"',
    [['bearer', { ...REALM, service: 's', scope: 'a:b:pull,push' }]],
  ],
  ['bEaReR REALM = "https://auth/token" , Service=s', [['bearer', { ...REALM, service: 's' }]]],
  [
    'Basic realm="x", Bearer realm="https://auth/token"',
    [
      ['basic', { realm: 'x' }],
      ['bearer', REALM],
    ],
  ],
  [
    'Negotiate, Basic realm="x"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'Negotiate YII+/x==, Basic realm="x"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'Digest qop="a, b", nonce="1,2=3", Basic realm=y',
    [
      ['digest', { qop: 'a, b', nonce: '1,2=3' }],
      ['basic', { realm: 'y' }],
    ],
  ],
  [String.raw`Basic realm="a \"quoted\" \\ one"`, [['basic', { realm: String.raw`a "quoted" \ one` }]]],
  [
    'Bearer realm="https://auth/token",error="invalid_token",new="?"',
    [['bearer', { ...REALM, error: 'invalid_token', new: '?' }]],
  ],
  ['Basic', [['basic', {}]]],
  ['Basic realm=', [['basic', { realm: '' }]]],
  ['Bearer realm=,service=s', [['bearer', { realm: '', service: 's' }]]],
  ['Basic realm="no end', [['basic', { realm: 'no end' }]]],
  [',, ,Basic realm="x",,', [['basic', { realm: 'x' }]]],
  ['Bearer realm="https://auth/token",realm="https://evil/"', [['bearer', REALM]]],
  ['Bearer __proto__="x",realm="https://auth/token"', [['bearer', { ['__proto__']: 'x', ...REALM }]]],
  ['', []],
  ['"', []],
  ['=', []],
])('%s', (header, wanted) => {
  const found = parseChallenges(header).map(({ scheme, parameters }) => [
    scheme,
    Object.entries(parameters).sort(),
  ])
  expect(found).toEqual(wanted.map(([scheme, parameters]) => [scheme, Object.entries(parameters).sort()]))
})

it('is read in linear time, and not without end', () => {
  for (const text of [
    'a '.repeat(200_000),
    'a=b,'.repeat(200_000),
    `Basic x="${'\\'.repeat(400_000)}`,
    ','.repeat(400_000),
  ]) {
    expect(parseChallenges(text).length).toBeLessThan(20)
  }
})
