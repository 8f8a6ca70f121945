import { describe, expect, it } from 'vitest'
import { mergeRegistryRules } from './merge-registry-rules.js'
import { readRegistryRules } from './read-registry-rules.js'
import { expandShortName } from './short-name.js'

const wrong = (message: RegExp) =>
  expect.objectContaining({ code: 'E_REGISTRIES_CONF', message: expect.stringMatching(message) })

describe('the rules of a registries.conf', () => {
  it('are read with their defaults', () => {
    const { rules, aliases } = readRegistryRules({
      'unqualified-search-registries': ['example.com'],
      'short-name-mode': 'enforcing',
      registry: [
        {
          prefix: 'example.com/foo',
          location: 'internal.example.net/bar/',
          insecure: false,
          mirror: [
            { location: 'one.local/foo' },
            { location: 'two.local:5000', insecure: true, 'pull-from-mirror': 'tag-only' },
          ],
        },
        { location: 'registry.com', blocked: true, 'key-of-tomorrow': 1 },
        { prefix: '*.wild.io', 'mirror-by-digest-only': true, mirror: [{ location: '[::1]:5000/x' }] },
      ],
      aliases: { fedora: 'registry.fedoraproject.org/fedora', 'a/b': '' },
    })
    expect(rules).toEqual([
      {
        prefix: 'example.com/foo',
        location: 'internal.example.net/bar',
        insecure: false,
        blocked: false,
        mirrors: [
          { location: 'one.local/foo', insecure: false, pull: 'all' },
          { location: 'two.local:5000', insecure: true, pull: 'tag-only' },
        ],
      },
      { prefix: 'registry.com', location: 'registry.com', insecure: false, blocked: true, mirrors: [] },
      {
        prefix: '*.wild.io',
        insecure: false,
        blocked: false,
        mirrors: [{ location: '[::1]:5000/x', insecure: false, pull: 'digest-only' }],
      },
    ])
    expect([...aliases]).toEqual([
      ['fedora', 'registry.fedoraproject.org/fedora'],
      ['a/b', ''],
    ])
  })

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['of the first version', { registries: { search: { registries: [] } } }, /first version/],
    [
      'no list',
      { registry: { prefix: 'a.io' } },
      /^registry is not a list of tables: write \[\[registry\]\]/,
    ],
    ['no table', { registry: ['a.io'] }, /^registry\[0\] is no table/],
    ['without a name', { registry: [{ insecure: true }] }, /neither prefix nor location/],
    ['with a scheme', { registry: [{ prefix: 'https://a.io' }] }, /registry\[0\]\.prefix has a scheme/],
    ['with a tag', { registry: [{ prefix: 'a.io/b:1' }] }, /tag or a digest/],
    ['with a wrong *', { registry: [{ prefix: '*.a.io/b' }] }, /elsewhere than in \*\.host/],
    ['with a lone *', { registry: [{ prefix: '*' }] }, /elsewhere than in \*\.host/],
    [
      'with a port too high',
      { registry: [{ location: 'a.io:65536/b' }] },
      /a\.io:65536, which can be no host/,
    ],
    [
      'a mirror at half an address',
      { registry: [{ prefix: 'a.io', mirror: [{ location: '1.2.3.4.5' }] }] },
      /mirror\[0\]\.location names 1\.2\.3\.4\.5, which/,
    ],
    ['with a space', { registry: [{ prefix: 'a b.io' }] }, /not of the form host/],
    ['with a word for a flag', { registry: [{ prefix: 'a.io', insecure: 'yes' }] }, /neither true nor false/],
    ['a mirror of nothing', { registry: [{ prefix: 'a.io', mirror: [{}] }] }, /mirror\[0\] has no location/],
    [
      'an unknown way of pulling',
      { registry: [{ prefix: 'a.io', mirror: [{ location: 'b.io', 'pull-from-mirror': 'x' }] }] },
      /not one of all, digest-only, tag-only/,
    ],
    [
      'two ways of pulling',
      {
        registry: [
          {
            prefix: 'a.io',
            'mirror-by-digest-only': true,
            mirror: [{ location: 'b.io', 'pull-from-mirror': 'all' }],
          },
        ],
      },
      /beside mirror-by-digest-only/,
    ],
    ['an alias with a registry', { aliases: { 'a.io/b': 'c.io/d' } }, /not a name without registry/],
    ['an alias with a tag', { aliases: { 'b:1': 'c.io/d' } }, /not a name without registry, tag/],
    ['an alias to a short name', { aliases: { b: 'd' } }, /no name with a registry/],
    ['an alias to no host', { aliases: { b: '256.256.256.256/d' } }, /no name with a registry/],
    ['an alias to a tag', { aliases: { b: 'c.io/d:1' } }, /without tag and digest/],
  ])('%s are refused', (_what, document, message) => {
    expect(() => readRegistryRules(document)).toThrow(wrong(message))
  })

  it('have no unknown keys where they are ours', () => {
    const document = { registry: [{ prefix: 'a.io', mirors: [] }] }
    expect(readRegistryRules(document).rules).toHaveLength(1)
    expect(() => readRegistryRules(document, { strict: true })).toThrow(
      wrong(/registry\[0\]\.mirors is unknown/),
    )
  })

  it('of several files are those of the last that has the prefix or the name', () => {
    const first = readRegistryRules({
      registry: [{ prefix: 'a.io', insecure: true }, { prefix: 'b.io' }],
      aliases: { x: 'a.io/x', y: 'a.io/y' },
    })
    const second = readRegistryRules({
      registry: [{ prefix: 'a.io', blocked: true }],
      aliases: { x: '', y: 'b.io/y' },
    })
    const { rules, aliases } = mergeRegistryRules([first, second])
    expect(rules.map(({ prefix, insecure, blocked }) => [prefix, insecure, blocked])).toEqual([
      ['a.io', false, true],
      ['b.io', false, false],
    ])
    expect([...aliases]).toEqual([['y', 'b.io/y']])
  })
})

describe('a name without a registry', () => {
  const aliases = new Map([
    ['fedora', 'registry.fedoraproject.org/fedora'],
    ['opensuse/leap', 'registry.opensuse.org/opensuse/leap'],
  ])
  it.each([
    ['fedora', 'registry.fedoraproject.org/fedora'],
    ['fedora:40', 'registry.fedoraproject.org/fedora:40'],
    ['opensuse/leap@sha256:00', 'registry.opensuse.org/opensuse/leap@sha256:00'],
    ['fedora:40@sha256:00', 'registry.fedoraproject.org/fedora:40@sha256:00'],
    ['fedora/x', 'fedora/x'],
    ['docker.io/library/fedora', 'docker.io/library/fedora'],
    ['fedora:5000/x', 'fedora:5000/x'],
    ['debian', 'debian'],
    ['', ''],
  ])('%j is %j', (text, name) => {
    expect(expandShortName(text, aliases)).toBe(name)
  })
})
