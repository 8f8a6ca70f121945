import type { ContextEntry, ParityCase } from './parity-case.js'

const long = 'n'.repeat(200)

/** `more`: what follows FROM, or also what else differs from the usual. */
const copies = (
  name: string,
  files: Readonly<Record<string, ContextEntry>>,
  more: string | Partial<ParityCase> = 'COPY w /w',
): ParityCase => {
  const other = typeof more === 'string' ? { dockerfile: more } : { dockerfile: 'COPY w /w', ...more }
  return { ...other, name: `files: ${name}`, dockerfile: `FROM scratch\n${other.dockerfile}\n`, files }
}

/** What files are: names, modes, times, links; and how they meet what is there. */
export const FILE_CASES: readonly ParityCase[] = [
  copies('long names', {
    [`w/${long}/${long}`]: 'x',
    [`w/${'p'.repeat(99)}`]: 'y',
    [`w/${'q'.repeat(100)}`]: 'z',
  }),
  copies('a long link', { 'w/short': { link: `${long}/${long}` }, 'w/exact': { link: 'l'.repeat(100) } }),
  copies('names of other scripts', { 'w/größe': 'x', 'w/名前/файл': 'y', 'w/😀': 'z' }),
  copies('names with what means something', {
    'w/a b': '1',
    'w/$HOME': '2',
    "w/it's": '3',
    'w/"q"': '4',
    'w/#c': '5',
    'w/a\\b': '6',
    'w/[x]': '7',
    'w/*': '8',
    'w/-dash': '9',
    'w/\n': '10',
  }),
  copies(
    'names by wildcard and escape',
    { 'w/[x]': '7', 'w/*': '8', 'w/a\\b': '6', 'w/xx': 'n' },
    'COPY ["w/\\\\*", "w/[[]x]", "w/a\\\\\\\\b", "/o/"]',
  ),
  copies('names in the order of bytes', {
    'w/a': '1',
    'w/a.b': '2',
    'w/aa/': { directory: true },
    'w/a-b': '4',
    'w/B': '5',
    'w/ä': '6',
    'w/a0': '7',
  }),
  copies('a folder and names around it', {
    'w/a/x': '1',
    'w/a.b': '2',
    'w/a-b': '4',
    'w/a0': '7',
    'w/A': '8',
    'w/~': '9',
    'w/!': '0',
  }),
  copies('hidden names', { 'w/.hidden': '1', 'w/..two': '2', 'w/...': '3' }),
  copies(
    'every mode',
    Object.fromEntries(
      [0o777, 0o111, 0o222, 0o444, 0o4111, 0o2644, 0o1644, 0o7777].map((mode) => [
        `w/m${mode.toString(8)}`,
        { content: 'x', mode },
      ]),
    ),
  ),
  copies(
    'modes of folders',
    Object.fromEntries(
      [0o777, 0o700, 0o1777, 0o2755, 0o4711, 0o500].map((mode) => [
        `w/d${mode.toString(8)}`,
        { directory: true as const, mode },
      ]),
    ),
  ),
  copies('times of 1970 and before', {
    'w/zero': { content: 'x', mtime: 0 },
    'w/one': { content: 'x', mtime: 1 },
  }),
  copies('times around the epoch', {
    'w/at': { content: 'x', mtime: 1_600_000_000 },
    'w/after': { content: 'x', mtime: 1_600_000_000.5 },
    'w/before': { content: 'x', mtime: 1_599_999_999.9 },
    'w/d': { directory: true, mtime: 1_700_000_000 },
  }),
  copies('an early epoch', { 'w/a': 'x' }, { dockerfile: 'COPY w /w\nWORKDIR /w/x', epoch: 1 }),
  copies('the epoch zero', { 'w/a': 'x' }, { dockerfile: 'COPY w /w\nWORKDIR /w/x', epoch: 0 }),
  copies('three names of one file', { 'w/b': 'x', 'w/a': { hard: 'w/b' }, 'w/s/c': { hard: 'w/b' } }),
  copies('names of one file in two sources', { 'w/b': 'x', 'v/a': { hard: 'w/b' } }, 'COPY w v /x/'),
  copies('names of one file by a wildcard', { 'w/b': 'x', 'w/a': { hard: 'w/b' } }, 'COPY w/* /x/'),
  copies(
    'names of one file over files',
    { 'w/b': 'x', 'w/a': { hard: 'w/b' }, 'v/a': 'old', 'v/b': 'old' },
    'COPY v /x\nCOPY w /x',
  ),
  copies(
    'one name of a file of the stage changes',
    { 'w/b': 'x', 'w/a': { hard: 'w/b' } },
    'COPY w /x\nCOPY a /x/a',
  ),
  copies(
    'names of a file of the stage are copied',
    { 'w/b': 'x', 'w/a': { hard: 'w/b' }, 'w/c': { hard: 'w/b' } },
    'COPY w /x\nFROM scratch\nCOPY --from=0 /x/a /x/c /y/\nCOPY --from=0 /x /z',
  ),
  copies(
    'the owner of names of one file',
    { 'w/b': 'x', 'w/a': { hard: 'w/b' } },
    'COPY --chown=3:4 w /x\nCOPY --chown=5 --chmod=600 w /x',
  ),
  copies(
    'a fifo',
    { 'w/p': { fifo: true }, 'w/a': 'x' },
    {
      apart: { parts: ['layers', 'manifest'], why: 'pipes of a context are left out here, with a warning' },
    },
  ),
  copies('an empty folder, again', { w: { directory: true } }, 'COPY w /x\nCOPY w /x/'),
  copies('nothing but folders', { 'w/a/b/c': { directory: true } }),
  copies(
    'the same content at another time',
    { 'w/a': 'x', 'v/a': { content: 'x', mtime: 1_500_000_001 } },
    'COPY w /x\nCOPY v /x',
  ),
  copies('other content of one size and time', { 'w/a': 'x', 'v/a': 'y' }, 'COPY w /x\nCOPY v /x'),
  copies('the same file after others', { 'w/a': 'x', 'w/b': 'y' }, 'COPY w/a /x/\nCOPY w /x/'),
  copies(
    'late files twice',
    { 'w/a': { content: 'x', mtime: 1_700_000_000 }, 'w/b': { content: 'y', mtime: 1_700_000_000 } },
    'COPY w/a /x/\nCOPY w /x/',
  ),
  copies('the same file with another owner', { 'w/a': 'x' }, 'COPY w /x\nCOPY --chown=1 w /x'),
  copies('the same file with another mode', { 'w/a': 'x' }, 'COPY w /x\nCOPY --chmod=600 w /x'),
  copies('the same link', { 'w/a': { link: 'x' } }, 'COPY w /x\nCOPY w /x'),
  copies('a link to another place', { 'w/a': { link: 'x' }, 'v/a': { link: 'y' } }, 'COPY w /x\nCOPY v /x'),
  copies(
    'a link over a file and back',
    { 'w/a': { link: 'x' }, 'v/a': 'file' },
    'COPY w /x\nCOPY v /x\nCOPY w /x',
  ),
  copies(
    'the mode of a folder alone changes',
    { 'w/s': { directory: true, mode: 0o700 }, 'v/s': { directory: true, mode: 0o755 } },
    'COPY w /x\nCOPY v /x',
  ),
  copies(
    'the time of a folder alone changes',
    { 'w/s/a': 'x', 'v/s': { directory: true, mtime: 1_510_000_000 } },
    'COPY w /x\nCOPY v /x',
  ),
  copies('a deep folder gets a file', { 'w/a/b/c/d': 'x', 'v/a/b/c/e': 'y' }, 'COPY w /x\nCOPY v /x'),
  copies('a large file', { 'w/big': Buffer.alloc(3_000_001, 'cooper') }),
  copies('sizes around a block', {
    'w/0': '',
    'w/511': 'x'.repeat(511),
    'w/512': 'x'.repeat(512),
    'w/513': 'x'.repeat(513),
  }),
  copies('a link that leads out', { 'w/out': { link: '../../../etc/passwd' } }, 'COPY w/out /x'),
  copies('a link to an absolute path', { 'w/abs': { link: '/a' } }, 'COPY w/abs /x'),
  copies(
    'a link to a link to a folder',
    { 'w/one': { link: 'two' }, 'w/two': { link: '../d' } },
    'COPY w/one /x\nCOPY w/one/sub/ /y',
  ),
  copies(
    'links that lead to each other',
    { 'w/one': { link: 'two' }, 'w/two': { link: 'one' } },
    'COPY w/one /x',
  ),
  copies('links that lead to each other, kept', { 'w/one': { link: 'two' }, 'w/two': { link: 'one' } }),
  copies(
    'a destination with a loop',
    { 'w/one': { link: 'two' }, 'w/two': { link: 'one' } },
    'COPY w /l\nCOPY a /l/one/x',
  ),
  copies(
    'a destination that leads out',
    { 'w/up': { link: '../../../../up' } },
    'COPY w /l\nCOPY a /l/up/\nCOPY a /l/up/x',
  ),
  copies('a destination through a file', {}, 'COPY a /f\nCOPY b /f/x'),
  copies('a destination through a file, deep', {}, 'COPY a /f\nCOPY b /f/x/y/'),
  copies('a folder to a link to a file', { 'w/ln': { link: '/f' } }, 'COPY a /f\nCOPY w /l\nCOPY d /l/ln'),
  copies(
    'a file to a link to a folder',
    { 'w/ln': { link: '/e2' } },
    'COPY e /e2\nCOPY w /l\nCOPY a /l/ln\nCOPY a /l/ln/',
  ),
  copies(
    'several folders into each other',
    { 'w/x': '1', 'v/x': '2', 'v/y': '3' },
    'COPY w v /x\nCOPY v w /y/',
  ),
  copies('a folder and a file to a name', {}, 'COPY d a /x'),
  copies('a file and a folder to a name', {}, 'COPY a d /x'),
  copies('a source twice', {}, 'COPY a a d d /x/'),
  copies('a wildcard of files and folders', { 'w/a1': '1', 'w/a2/f': '2', 'w/a3': '3' }, 'COPY w/a* /x/'),
  copies('a wildcard to a name', { 'w/a1': '1', 'w/a3': '3' }, 'COPY w/a* /x'),
  copies(
    'a wildcard over levels',
    { 'w/p/x/f': '1', 'w/q/x/f': '2', 'w/q/x/g': '3' },
    'COPY w/*/x/f /x/\nCOPY w/*/x /y/',
  ),
  copies(
    'a wildcard with classes',
    { 'w/a1': '1', 'w/b2': '2', 'w/c3': '3' },
    'COPY w/[a-b][0-9] /x/\nCOPY w/[^a]? /y/',
  ),
  copies('a wildcard that is broken', { 'w/a1': '1' }, 'COPY w/[a /x/'),
  copies(
    'a wildcard that meets links',
    { 'w/la': { link: 'f' }, 'w/lb': { link: '../d' }, 'w/f': 'x', 'w/lc': { link: 'nowhere' } },
    'COPY w/l[ab] /x/',
  ),
  copies('a wildcard that meets a dangling link', { 'w/lc': { link: 'nowhere' } }, 'COPY w/l* /x/'),
  copies('paths with dots and slashes', {}, 'COPY ././d//sub/./g /x//y/./z\nCOPY d/../a /x/../w'),
  copies('the destination is the root', {}, 'COPY d /\nCOPY a /\nCOPY a /.\nCOPY b /./c'),
  copies('the destination is a file as a folder', {}, 'COPY a /x\nCOPY b /x/'),
  copies(
    'chmod of folders and links',
    { 'w/s/f': 'x', 'w/ln': { link: 's' } },
    'COPY --chmod=711 w /x/y\nCOPY --chmod=u=rwX,go= w /z',
  ),
  copies('chmod over what exists', { 'w/s/f': 'x' }, 'COPY w /x\nCOPY --chmod=700 w /x'),
  copies('chmod that is symbolic and broken', {}, 'COPY --chmod=u+q a /x'),
  copies('chmod that is too large', {}, 'COPY --chmod=17777 a /x'),
  copies('chmod from a variable', {}, 'ARG M=640\nENV O=4\nCOPY --chmod=$M --chown=${O}:5 a /x'),
  copies(
    '--link over folders of other modes',
    { 'w/x/y/a': '1', 'w/x': { directory: true, mode: 0o700 } },
    'COPY w /\nCOPY --link a /x/y/b',
  ),
  copies('--link with a relative destination', {}, 'WORKDIR /w\nCOPY --link a sub/\nCOPY --link d .'),
  copies('--link of a folder over itself', {}, 'COPY d /x\nCOPY --link d /x'),
  copies('--link with a name', {}, 'COPY etc /etc\nCOPY --link --chown=alice a /x'),
  copies('--link=false', {}, 'COPY d /x\nCOPY --link=false a /x/'),
  copies(
    '--exclude of what lies deeper',
    { 'w/a/keep': '1', 'w/a/drop': '2', 'w/drop': '3' },
    'COPY --exclude=**/drop w /x',
  ),
  copies('--exclude of a folder', { 'w/a/keep': '1', 'w/b': '3' }, 'COPY --exclude=a w /x'),
  copies(
    '--exclude with an exception',
    { 'w/a/keep': '1', 'w/a/drop': '2', 'w/b': '3' },
    'COPY --exclude=a --exclude=!a/keep w /x',
  ),
  copies('--exclude of everything', {}, 'COPY --exclude=* d /x'),
  copies(
    '--exclude does not touch what is named',
    {},
    'COPY --exclude=*.txt c.txt /x/\nCOPY --exclude=*.txt ?.txt /y/',
  ),
  copies(
    '--exclude from a stage',
    {},
    'COPY --chown=3 d /d\nFROM scratch\nCOPY --from=0 --exclude=sub /d /x',
  ),
  copies(
    '--exclude over what exists',
    { 'w/a/keep': '1', 'w/a': { directory: true, mode: 0o700 } },
    'COPY w /x\nCOPY --chown=7 --exclude=a --exclude=!a/keep w /x',
  ),
  copies(
    'WORKDIR in a folder of the stage',
    { 'w/s': { directory: true, mode: 0o700 } },
    'COPY --chown=9 w /w\nWORKDIR /w/s/t/u',
  ),
  copies('WORKDIR twice', {}, 'WORKDIR /w\nWORKDIR /w\nWORKDIR .'),
  copies(
    'WORKDIR through a link to nothing',
    { 'w/ln': { link: '/not/there' } },
    'COPY w /l\nWORKDIR /l/ln/x',
  ),
  copies('WORKDIR that is a link to nothing', { 'w/ln': { link: 'not' } }, 'COPY w /l\nWORKDIR /l/ln'),
  copies('WORKDIR of a user who is unknown', {}, 'COPY etc /etc\nUSER nobody\nWORKDIR /w'),
  copies('WORKDIR of a user in an empty stage', {}, 'USER alice\nWORKDIR /w'),
  copies('WORKDIR of root by name in an empty stage', {}, 'USER root\nWORKDIR /w'),
  copies('WORKDIR with dots and slashes', {}, 'WORKDIR //a//b/../c/.\nWORKDIR ../d/\nCOPY a .'),
  copies('WORKDIR with blanks', {}, 'WORKDIR /a b\nWORKDIR "c d"\nWORKDIR /e\\ f\nCOPY a ./'),
  copies(
    'WORKDIR below the mounts of a container',
    {},
    {
      dockerfile: 'WORKDIR /proc/self/fd/8',
      apart: { parts: ['outcome'], why: 'refused here: it has led out of containers (CVE-2024-21626)' },
    },
  ),
]
