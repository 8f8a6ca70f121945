import { describe, expect, it } from 'vitest'
import { idsOf, singleIdMaps, subordinateMaps, userNamespace } from './id-maps.js'

const ann = { uid: 1000, gid: 1001, name: 'ann' }

describe('maps of ids', () => {
  it('make the caller root, and its subordinate ids all others', () => {
    const files = { subuid: 'bob:1:2\nann:100000:65536\n', subgid: 'ann:200000:65536\n' }
    expect(subordinateMaps(ann, files)).toEqual({
      uids: '0 1000 1\n1 100000 65536',
      gids: '0 1001 1\n1 200000 65536',
      manyIds: true,
    })
  })

  it('know users by number, and put several ranges one after the other', () => {
    const text = '# a comment\n1000:100000:60000\nann:300000:5536\nann:x:y\n'
    expect(subordinateMaps(ann, { subuid: text, subgid: text })).toMatchObject({
      uids: '0 1000 1\n1 100000 60000\n60001 300000 5536',
    })
  })

  it('are none when there are too few ids, and say where', () => {
    const enough = 'ann:100000:65536'
    const why = '/etc/subgid gives ann 100 ids, and images need 65535'
    expect(subordinateMaps(ann, { subuid: enough, subgid: 'ann:5:100' })).toBe(why)
    const nameless = { uid: 7, gid: 7 }
    expect(subordinateMaps(nameless, { subuid: '', subgid: '' })).toBe(
      '/etc/subuid gives 7 0 ids, and images need 65535',
    )
  })

  it('of one id need no helper', () => {
    const maps = singleIdMaps(ann)
    expect(userNamespace(maps, { newuidmap: '/x', newgidmap: '/y' })).toEqual([
      'user',
      '0 1000 1',
      '0 1001 1',
      '',
      '',
    ])
    expect(idsOf(maps)).toBe(1)
  })
})
