import { type LayoutImage, layoutOf } from '../layout-of.js'
import { tarOf } from '../tar-of.js'
import type { ParityCase } from './parity-case.js'

const T = 1_400_000_000
const ETC = (mark: string) =>
  tarOf([
    { name: 'mark', content: mark, mtime: T },
    { name: 'etc/', mtime: T },
    { name: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\nguest:x:405:100::/:/bin/sh\n', mtime: T },
    { name: 'etc/group', content: 'root:x:0:\nusers:x:100:\n', mtime: T },
  ])
const DATA = (mark: string) =>
  tarOf([
    { name: 'data-mark', content: mark, mtime: T },
    { name: 'data/', mode: 0o750, uid: 3, gid: 4, mtime: T },
    { name: 'data/file', content: 'of the base\n', mtime: T },
  ])

type Json = Record<string, unknown>
interface OddBase extends Omit<Partial<LayoutImage>, 'layers'> {
  /** Of an image's own: what BuildKit says of a layer, it says of the image in which it met the layer first. */
  readonly layers?: readonly ((mark: string) => Uint8Array)[]
  /** What the JSON of its config has beside the usual. */
  readonly json?: Json
}

/** A Dockerfile on a base image of its own. */
const on = (
  ...[name, { json, layers = [ETC], ...image }, dockerfile, more = {}]: readonly [
    name: string,
    image: OddBase,
    steps: string,
    more?: Partial<ParityCase>,
  ]
): ParityCase => ({
  name: `an odd base image: ${name}`,
  dockerfile: `FROM base\n${dockerfile}\n`,
  args: ['--build-context', 'base=@base'],
  base: (directory) =>
    layoutOf(directory, {
      platform: { os: 'linux', architecture: 'amd64' },
      layers: layers.map((layer) => layer(name)),
      ...image,
      alter: { config: (config) => ({ ...config, ...json }), ...image.alter },
    }),
  ...more,
})

const AT = '2015-01-01T00:00:00Z'
const step = (text: string, more: Json = {}) => ({ created: AT, created_by: text, ...more })
const history = (...steps: Json[]): OddBase => ({ json: { created: AT, history: steps } })
const config = (values: Json, json: Json = {}): OddBase => ({
  json: { config: values, created: AT, history: [step('one')], ...json },
})
const HEALTH = {
  apart: { parts: ['history', 'manifest'], why: 'its history text was corrected in Dockerfile 1.23' },
} as const

/** Base images as other tools leave them: what they lack, and what they have that nobody asked for. */
export const BASE_CASES: readonly ParityCase[] = [
  on('no config', { json: { history: [step('one')] } }, 'COPY a /x\nENV A=1'),
  on('no config, as it is', { json: { history: [step('one')] } }, ''),
  on('a config that is null', { json: { config: null, history: [step('one')] } }, 'ENV A=1'),
  on('no PATH', config({ Env: ['X=1'] }), 'ENV A=$X$PATH'),
  on('an empty PATH', config({ Env: ['PATH='] }), 'ENV A=$PATH'),
  on('names twice', config({ Env: ['X=1', 'PATH=/p', 'X=2'] }), 'ENV A=$X\nENV X=3'),
  on(
    'a name without a value',
    config({ Env: ['PATH=/p', 'X', 'Y='] }),
    'ENV A=${X-unset}${Y-unset}\nENV X=1',
  ),
  on('a value with signs', config({ Env: ['PATH=/p', 'X=a=b $c "d"'] }), 'ENV A=$X\nLABEL l=$X'),
  on('lower case of PATH', config({ Env: ['path=/p'] }), 'ENV A=$path'),
  on('no history', { json: { created: AT } }, 'COPY a /x\nENV A=1'),
  on('no history, as it is', { json: { created: AT } }, ''),
  on('no history, metadata alone', { json: { created: AT } }, 'ENV A=1\nLABEL b=2'),
  on(
    'no history of two layers',
    { json: { created: AT }, layers: [ETC, DATA] },
    'COPY a /x\nWORKDIR /w/$PATH\nENV A=1',
  ),
  on('no history of two layers, as it is', { json: { created: AT }, layers: [ETC, DATA] }, ''),
  on(
    'no history and many steps',
    { json: { created: AT }, layers: [ETC, DATA] },
    'ENV A="x y"\nCOPY --chown=1 a b /x/\nWORKDIR deeper\nADD c.txt /$A/\nCOPY <<EOF /y\nbody\nEOF\nCOPY --from=base /data /z\nENV B=1',
  ),
  on(
    'no history and words that expand',
    { json: { created: AT }, layers: [ETC, DATA] },
    'ARG V=v\nENV D=/dir\nCOPY a ${D}/$V\nWORKDIR $D/sub\nCOPY --link b "$V"',
  ),
  on('no history in a named stage', { json: { created: AT } }, '', {
    dockerfile: 'FROM base AS named\nCOPY a /x\nWORKDIR sub\n',
  }),
  on('no history in a stage that is not the first', { json: { created: AT } }, '', {
    dockerfile: 'FROM scratch\nCOPY a /x\nFROM base\nCOPY b /x\nCOPY --from=0 /x /y\n',
  }),
  on('no history and a child of a stage', { json: { created: AT } }, '', {
    dockerfile: 'FROM base AS one\nCOPY b /x\nFROM one\nCOPY a /y\nFROM 1\nWORKDIR /z\n',
  }),
  on(
    'no history and triggers',
    config({ OnBuild: ['COPY a /t', 'WORKDIR /u'] }, { history: undefined }),
    'COPY b /x',
  ),
  on(
    'a history that is too short',
    { ...history(step('one')), layers: [ETC, DATA] },
    'COPY a /x\nENV A=1\nWORKDIR /w',
  ),
  on('a history that is too short, as it is', { ...history(step('one')), layers: [ETC, DATA] }, ''),
  on(
    'a history that is too short, metadata alone',
    { ...history(step('one')), layers: [ETC, DATA] },
    'LABEL a=1',
  ),
  on('a history that is too long', history(step('one'), step('two'), step('three')), 'COPY a /x\nENV A=1'),
  on('a history that is too long, as it is', history(step('one'), step('two'), step('three')), ''),
  on(
    'a history of empty layers alone',
    history(step('one', { empty_layer: true }), step('two', { empty_layer: true })),
    'COPY a /x',
  ),
  on(
    'a history without times',
    history({ created_by: 'one' }, { created_by: 'two', empty_layer: true }),
    'ENV A=1\nCOPY a /x\nENV B=1',
  ),
  on(
    'a history without times, as it is',
    history({ created_by: 'one' }, { created_by: 'two', empty_layer: true }),
    '',
  ),
  on('a history without words', history({}), 'COPY a /x'),
  on(
    'a history later than the epoch',
    {
      json: {
        created: '2030-01-01T00:00:00Z',
        history: [step('one', { created: '2030-01-01T00:00:00.123456789Z' })],
      },
    },
    'ENV A=1\nCOPY a /x',
  ),
  on(
    'a history later than the epoch, as it is',
    {
      json: { created: '2030-01-01T00:00:00Z', history: [step('one', { created: '2030-01-01T00:00:00Z' })] },
    },
    '',
  ),
  on(
    'times of another zone',
    {
      json: {
        created: '2014-06-01T00:00:00+02:00',
        history: [step('one', { created: '2014-06-01T00:00:00.10+02:00' })],
      },
    },
    'ENV A=1',
  ),
  on(
    'a time that is null',
    { json: { created: null, history: [{ created: null, created_by: 'one' }] } },
    'ENV A=1\nCOPY a /x',
  ),
  on(
    'the time that nothing has',
    {
      json: { created: '0001-01-01T00:00:00Z', history: [step('one', { created: '0001-01-01T00:00:00Z' })] },
    },
    'ENV A=1\nCOPY a /x',
  ),
  on(
    'an empty layer that is said not to be',
    history(step('one', { empty_layer: false }), step('two', { empty_layer: true, comment: '', author: '' })),
    'ENV A=1',
  ),
  on(
    'all that a config can hold',
    config({
      User: 'guest',
      ExposedPorts: { '80/tcp': {}, '9': {} },
      Env: ['PATH=/p'],
      Entrypoint: ['/e'],
      Cmd: ['c'],
      Volumes: { '/v': {} },
      WorkingDir: '/data',
      Labels: { b: '1', a: '2' },
      StopSignal: 'SIGINT',
      Shell: ['/bin/ash', '-c'],
      Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000, Retries: 2 },
    }),
    'COPY a .\nWORKDIR made/here\nCMD x y',
  ),
  on(
    'all that a config can hold, as it is',
    config({
      User: 'guest',
      ExposedPorts: { '80/tcp': {} },
      Env: ['PATH=/p'],
      Entrypoint: ['/e'],
      Cmd: ['c'],
      Volumes: { '/v': {} },
      WorkingDir: '/data',
      Labels: { b: '1' },
      StopSignal: 'SIGINT',
      Shell: ['/bin/ash', '-c'],
      Healthcheck: { Test: ['NONE'] },
    }),
    '',
  ),
  on(
    'what docker writes',
    config(
      {
        Hostname: 'h',
        Domainname: 'd',
        User: '',
        AttachStdin: false,
        Tty: true,
        OpenStdin: false,
        Env: ['PATH=/p'],
        Cmd: null,
        Image: 'sha256:00',
        Volumes: null,
        WorkingDir: '',
        Entrypoint: null,
        OnBuild: null,
        Labels: null,
        NetworkDisabled: true,
        MacAddress: 'x',
        StopTimeout: 7,
      },
      {
        container: 'abc',
        container_config: { Cmd: ['x'] },
        docker_version: '20.10',
        parent: 'sha256:00',
        id: 'x',
      },
    ),
    'ENV A=1',
  ),
  on(
    'what docker writes, as it is',
    config(
      {
        Hostname: 'h',
        Env: ['PATH=/p'],
        Cmd: null,
        Volumes: null,
        WorkingDir: '',
        Entrypoint: null,
        OnBuild: null,
        Labels: null,
        StopTimeout: 7,
      },
      { container: 'abc', docker_version: '20.10' },
    ),
    '',
  ),
  on(
    'empty lists and maps',
    config({
      Env: [],
      Cmd: [],
      Entrypoint: [],
      Volumes: {},
      ExposedPorts: {},
      Labels: {},
      OnBuild: [],
      Shell: [],
    }),
    'CMD x\nENV A=1',
  ),
  on(
    'empty lists and maps, as it is',
    config({
      Env: [],
      Cmd: [],
      Entrypoint: [],
      Volumes: {},
      ExposedPorts: {},
      Labels: {},
      OnBuild: [],
      Shell: [],
    }),
    '',
  ),
  on('ArgsEscaped', config({ Cmd: ['a b'], ArgsEscaped: true, Env: ['PATH=/p'] }), 'ENV A=1'),
  on('ArgsEscaped, and an ENTRYPOINT', config({ Cmd: ['a b'], ArgsEscaped: true }), 'ENTRYPOINT ["e"]'),
  on('its ENTRYPOINT, and a CMD', config({ Entrypoint: ['/e'], Cmd: ['c'] }), 'CMD ["d"]'),
  on('its ENTRYPOINT, emptied', config({ Entrypoint: ['/e'], Cmd: ['c'] }), 'ENTRYPOINT []'),
  on('its ENTRYPOINT and CMD, emptied', config({ Entrypoint: ['/e'], Cmd: ['c'] }), 'ENTRYPOINT []\nCMD []'),
  on('its CMD, before an ENTRYPOINT of a grandchild', config({ Cmd: ['c'] }), '', {
    dockerfile: 'FROM base AS a\nCMD ["d"]\nFROM a\nENTRYPOINT ["e"]\n',
  }),
  on('its shell', config({ Shell: ['/bin/ash', '-ec'] }), 'CMD run it\nENTRYPOINT run me'),
  on('an empty shell', config({ Shell: [] }), 'CMD run it'),
  on(
    'its health',
    config({ Healthcheck: { Test: ['CMD-SHELL', 'x'], Interval: 5_000_000_000, StartInterval: 1 } }),
    'ENV A=1',
  ),
  on(
    'its health, none',
    config({ Healthcheck: { Test: ['CMD-SHELL', 'x'], Interval: 5_000_000_000 } }),
    'HEALTHCHECK NONE',
    HEALTH,
  ),
  on(
    'its health, another',
    config({ Healthcheck: { Test: ['CMD-SHELL', 'x'], Interval: 5_000_000_000, Retries: 9 } }),
    'HEALTHCHECK CMD y',
    HEALTH,
  ),
  on(
    'ports and volumes, more',
    config({ ExposedPorts: { '80/tcp': {}, '53/udp': {} }, Volumes: { '/v': {} } }),
    'EXPOSE 22 80\nVOLUME /w /v',
  ),
  on('labels, over them', config({ Labels: { a: '1', b: '2' } }), 'LABEL a=3 c=4', {
    args: ['--build-context', 'base=@base', '--label', 'b=5'],
  }),
  on('a relative working directory', config({ WorkingDir: 'rel/dir' }), 'COPY a x\nWORKDIR more'),
  on(
    'a working directory with a slash at its end',
    config({ WorkingDir: '/data/' }),
    'COPY a x\nWORKDIR more',
  ),
  on('a working directory with dots', config({ WorkingDir: '/data/../srv/./x' }), 'COPY a x\nWORKDIR more'),
  on('a working directory of no folder', config({ WorkingDir: '/nowhere' }), 'COPY a ./x/'),
  on('a working directory of no folder, alone', config({ WorkingDir: '/nowhere' }), ''),
  on('an empty working directory', config({ WorkingDir: '' }), 'COPY a x\nWORKDIR more'),
  on(
    'its user makes a folder',
    config({ User: 'guest' }),
    'WORKDIR /home/guest\nCOPY a .\nUSER 0\nWORKDIR sub',
  ),
  on('its user is unknown', config({ User: 'nobody:nothing' }), 'WORKDIR /home/x'),
  on('its user is a number', config({ User: '12' }), 'WORKDIR /home/x'),
  on(
    'its triggers',
    config({ OnBuild: ['COPY a /t', 'ENV T=1', 'WORKDIR /w/$T', 'ARG Q=2', 'LABEL q=$Q'] }),
    'ENV A=$T$Q\nCOPY b .',
  ),
  on('its triggers, alone', config({ OnBuild: ['COPY a /t', 'ENV T=1'] }), ''),
  on('its triggers, and more of them', config({ OnBuild: ['ENV T=1'] }), 'ONBUILD ENV U=2'),
  on('its triggers in two stages', config({ OnBuild: ['COPY a /t', 'ENV T=1'] }), '', {
    dockerfile: 'FROM base AS x\nCOPY b /x\nFROM base\nCOPY --from=x /x /t /from/\n',
  }),
  on('a trigger that copies from a stage', config({ OnBuild: ['COPY --from=src /x /t'] }), '', {
    dockerfile: 'FROM scratch AS src\nCOPY b /x\nFROM base\nCOPY a /y\n',
  }),
  on('a trigger in lower case', config({ OnBuild: ['copy a /t', 'env T=1'] }), ''),
  on('a trigger with a here-document', config({ OnBuild: ['COPY <<EOF /t\ntext $T\nEOF', 'ENV T=1'] }), ''),
  on('a trigger with a link and an owner', config({ OnBuild: ['COPY --link --chown=guest:users a /t'] }), ''),
  on('a trigger over lines', config({ OnBuild: ['ENV A=1 \\\n  B=2'] }), ''),
  on('a trigger that is empty', config({ OnBuild: ['', 'ENV A=1'] }), ''),
  on('a trigger that is broken', config({ OnBuild: ['COPPY a /t'] }), ''),
  on('a trigger of a trigger', config({ OnBuild: ['ONBUILD COPY a /t'] }), ''),
  on('a trigger of FROM', config({ OnBuild: ['FROM scratch'] }), ''),
  on('a trigger of MAINTAINER', config({ OnBuild: ['MAINTAINER x'] }), ''),
  on('a trigger with an unknown flag', config({ OnBuild: ['COPY --fast a /t'] }), ''),
  on('a trigger whose source is missing', config({ OnBuild: ['COPY nothing /t'] }), ''),
  on('two instructions in a trigger', config({ OnBuild: ['ENV A=1\nENV B=2'] }), ''),
  on(
    'no layers',
    { layers: [], json: { config: { Env: ['PATH=/p'] }, history: [step('x', { empty_layer: true })] } },
    'COPY a /x\nENV A=1',
  ),
  on('no layers, as it is', { layers: [], json: { config: { Env: ['PATH=/p'] } } }, ''),
  on('no layers, metadata alone', { layers: [], json: { config: { Env: ['PATH=/p'] } } }, 'ENV A=1'),
  on(
    'the same layer twice',
    { ...history(step('one'), step('two')), layers: [DATA, DATA] },
    'COPY a /data/file',
  ),
  on(
    'an empty layer among its layers',
    { ...history(step('one'), step('two')), layers: [DATA, () => tarOf([])] },
    'COPY a /x',
  ),
  on('compressed layers', { ...history(step('one')), gzip: true }, 'COPY a /x'),
  on('compressed layers, as it is', { ...history(step('one')), gzip: true }, ''),
  on(
    'annotations of its manifest',
    {
      ...history(step('one')),
      alter: {
        manifest: (json) => ({ ...json, annotations: { k: 'v' } }),
        config: (json) => ({ ...json, created: AT, history: [step('one')] }),
      },
    },
    'COPY a /x',
  ),
  on('an author', { json: { author: 'A <b>', history: [step('one')] } }, 'COPY a /x'),
  on('an author, and a MAINTAINER', { json: { author: 'A <b>', history: [step('one')] } }, 'MAINTAINER me'),
  on(
    'fields of other systems',
    {
      json: {
        'os.version': '10.0.1',
        'os.features': ['f'],
        variant: 'v1',
        history: [step('one')],
        unknown: { a: 1 },
      },
    },
    'COPY a /x',
  ),
  on(
    'fields of other systems, as it is',
    { json: { 'os.version': '10.0.1', 'os.features': ['f'], history: [step('one')], unknown: { a: 1 } } },
    '',
  ),
  on('an inline cache', { json: { 'moby.buildkit.cache.v0': 'e30=', history: [step('one')] } }, 'COPY a /x'),
  on('a buildinfo', { json: { 'moby.buildkit.buildinfo.v1': 'e30=', history: [step('one')] } }, 'COPY a /x'),
  on('history that JSON escapes', history(step('<a> & "b" \u2028 é \\')), 'COPY a /x'),
  on('copied from, its working directory', config({ WorkingDir: '/data', User: '7' }), '', {
    dockerfile: 'FROM scratch\nWORKDIR /w\nCOPY --from=base etc/passwd x\n',
  }),
  on('copied from, its triggers rest', config({ OnBuild: ['COPY nothing /t'] }), '', {
    dockerfile: 'FROM scratch\nCOPY --from=base /etc /e\n',
  }),
  on(
    'its names of users',
    config({}),
    'COPY --chown=guest a /x\nCOPY --chown=guest:root a /y\nCOPY --chown=:users a /z\nCOPY --chown=users a /u',
  ),
  on(
    'its folders keep what they are',
    { ...history(step('one'), step('two')), layers: [ETC, DATA] },
    'COPY a /data/\nCOPY --chown=9 d /data\nCOPY --link b /data/',
  ),
]
