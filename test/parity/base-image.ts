import { layoutOf } from '../layout-of.js'
import { tarOf } from '../tar-of.js'

const CAPABILITY = Buffer.from('0100000200040000000000000000000000000000', 'hex')

/** The base image of the cases: a small Linux with odd modes, links, a capability, history and config. */
export function makeBase(directory: string): string {
  const first = tarOf([
    { name: 'etc/', mtime: 1_400_000_000 },
    {
      name: 'etc/passwd',
      content: 'root:x:0:0:root:/root:/bin/sh\nguest:x:405:100:guest:/dev/null:/sbin/nologin\n',
      mtime: 1_400_000_000,
    },
    { name: 'etc/group', content: 'root:x:0:\nusers:x:100:guest\n', mtime: 1_400_000_000 },
    { name: 'tmp/', mode: 0o1777, mtime: 1_400_000_000 },
    { name: 'srv/', mode: 0o750, uid: 405, gid: 100, mtime: 1_650_000_000 },
    { name: 'srv/file', content: 'of the base\n', uid: 405, gid: 100, mtime: 1_650_000_001 },
    { name: 'srv/old', content: 'of the base\n', mtime: 1_400_000_001 },
    { name: 'bin', type: 'symlink', linkname: 'usr/bin', mode: 0o777, mtime: 1_400_000_000 },
    { name: 'usr/', mtime: 1_400_000_000 },
    { name: 'usr/bin/', mtime: 1_400_000_000 },
    { name: 'usr/bin/tool', content: 'tool\n', mode: 0o4755, mtime: 1_400_000_000 },
    { name: 'usr/bin/twin', type: 'hardlink', linkname: 'usr/bin/tool', mode: 0o4755, mtime: 1_400_000_000 },
    {
      name: 'usr/bin/capable',
      content: 'capable\n',
      mode: 0o755,
      mtime: 1_400_000_000,
      xattrs: new Map<string, Uint8Array>([['security.capability', CAPABILITY]]),
    },
    { name: 'var/', mtime: 1_400_000_000 },
    { name: 'var/gone', content: 'gone in the second layer\n', mtime: 1_400_000_000 },
    { name: 'var/run', type: 'symlink', linkname: '/run', mode: 0o777, mtime: 1_400_000_000 },
  ])
  const second = tarOf([
    { name: 'run/', mtime: 1_450_000_000 },
    { name: 'var/', mtime: 1_450_000_000 },
    { name: 'var/.wh.gone', mode: 0, mtime: 0 },
  ])
  return layoutOf(directory, {
    layers: [first, second],
    platform: { os: 'linux', architecture: 'amd64' },
    config: {
      Env: ['PATH=/usr/bin', 'BASE=1'],
      Cmd: ['/usr/bin/tool'],
      WorkingDir: '/srv',
      Labels: { of: 'base' },
      ExposedPorts: { '80/tcp': {} },
    },
    alter: {
      config: (json) => ({
        ...json,
        author: 'somebody',
        created: '2022-01-01T00:00:00.5Z',
        history: [
          { created: '2021-01-01T00:00:00Z', created_by: 'first <layer>' },
          { created: '2021-01-01T00:00:00Z', created_by: 'ENV BASE=1', empty_layer: true },
          { created: '2022-01-01T00:00:00.5Z', created_by: 'second', comment: 'a comment', author: 'x' },
        ],
      }),
    },
  })
}
