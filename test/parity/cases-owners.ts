import type { ContextEntry, ParityCase } from './parity-case.js'

const owned = (
  name: string,
  dockerfile: string,
  files: Readonly<Record<string, ContextEntry>> = {},
): ParityCase => ({ name: `owners: ${name}`, dockerfile: `FROM scratch\n${dockerfile}\n`, files })

const passwd = (text: string | Uint8Array, group = 'g:x:9:\n') => ({ 'own/passwd': text, 'own/group': group })
const E = 'COPY own /etc\n'

/** Who gets what: numbers, names, and files of users as people leave them. */
export const OWNER_CASES: readonly ParityCase[] = [
  owned(
    'root by name in an empty stage',
    'COPY --chown=root a /x\nCOPY --chown=root:root a /y\nCOPY --chown=5:root a /z',
  ),
  owned('a group by name in an empty stage', 'COPY --chown=5:staff a /x'),
  owned('a colon at the end', 'COPY etc /etc\nCOPY --chown=5: a /x\nCOPY --chown=alice: a /y'),
  owned('a colon at the end in an empty stage', 'COPY --chown=5: a /x'),
  owned('a colon at the start', 'COPY etc /etc\nCOPY --chown=:7 a /x\nCOPY --chown=:staff a /y'),
  owned('a colon at the start in an empty stage', 'COPY --chown=:7 a /x'),
  owned('two colons', 'COPY etc /etc\nCOPY --chown=1:2:3 a /x'),
  owned('zeros before a number', 'COPY --chown=007:010 a /x'),
  owned('a plus sign', 'COPY --chown=+5 a /x'),
  owned('a large number', 'COPY --chown=2147483647 a /x'),
  owned('a number that is the name of a user', 'COPY etc /etc\nCOPY --chown=7 a /x\nCOPY --chown=7:8 a /y'),
  owned('a user who is unknown, with a group that is known', 'COPY etc /etc\nCOPY --chown=who:staff a /x'),
  owned('a group that is unknown', 'COPY etc /etc\nCOPY --chown=alice:who a /x\nCOPY --chown=5:who a /y'),
  owned('no file of users', 'COPY a /\nCOPY --chown=alice:staff a /x'),
  owned('a folder in place of the file of users', 'COPY d /etc/passwd\nCOPY --chown=alice a /x'),
  owned(
    'a link in place of the file of users',
    `COPY own /etc\nCOPY etc/passwd /real\nCOPY --chown=alice a /x`,
    { 'own/passwd': { link: '/real' } },
  ),
  owned('a link that leads out', `${E}COPY etc/passwd /\nCOPY --chown=alice a /x`, {
    'own/passwd': { link: '../../../passwd' },
  }),
  owned('a link to nothing', `${E}COPY --chown=alice a /x`, { 'own/passwd': { link: 'nowhere' } }),
  owned('comments and empty lines', `${E}COPY --chown=u a /x`, passwd('# users\n\n\nu:x:5:6::/:/bin/sh\n')),
  owned('blanks around a line', `${E}COPY --chown=u a /x`, passwd('  u:x:5:6::/:/bin/sh  \n')),
  owned('the first of two lines', `${E}COPY --chown=u a /x`, passwd('u:x:5:6::/:/\nu:x:7:8::/:/\n')),
  owned('a line that is short', `${E}COPY --chown=u a /x\nCOPY --chown=v a /y`, passwd('u:x:5\nv\n')),
  owned('ids that are no numbers', `${E}COPY --chown=u a /x`, passwd('u:x:five:6::/:/\n')),
  owned('lines that end as in Windows', `${E}COPY --chown=u a /x`, passwd('u:x:5:6::/:/bin/sh\r\n')),
  owned('no end of the last line', `${E}COPY --chown=u:g a /x`, passwd('u:x:5:6::/:/bin/sh', 'g:x:9:')),
  {
    ...owned(
      'a name of other script',
      `${E}COPY --chown=пользователь a /x`,
      passwd('пользователь:x:5:6::/:/\n'),
    ),
    apart: {
      parts: ['layers', 'history', 'manifest'],
      why: 'BuildKit takes the bytes of a flag for characters',
    },
  },
  owned('from variables', 'COPY etc /etc\nARG U=alice\nENV G=staff\nCOPY --chown=$U:${G} a /x'),
  {
    ...owned(
      'a user from a base image',
      'COPY a /\nFROM base\nCOPY --chown=guest a /x\nCOPY --chown=guest:root a /y\nUSER guest\nWORKDIR /home/guest',
    ),
    args: ['--build-context', 'base=@base'],
  },
  owned(
    'the owner of a folder that exists stays',
    'COPY --chown=1:2 d /x\nCOPY --chown=3:4 e /x\nCOPY --chown=5 a /x/sub/',
  ),
  owned('folders that are made', 'COPY --chown=1:2 a /p/q/r\nCOPY --chown=3 d /p/s/t\nCOPY a /p/u/v'),
  owned('links get the owner too', 'COPY --chown=1:2 links /x'),
  owned(
    'what comes from a stage keeps its owners',
    'COPY --chown=1:2 d /d\nCOPY --chown=3:4 a /d/f\nFROM scratch\nCOPY --from=0 /d /x\nCOPY --from=0 --chown=9 /d /y',
  ),
  owned('USER and COPY', 'COPY etc /etc\nUSER alice\nCOPY a /x'),
  owned(
    'USER and WORKDIR',
    'COPY etc /etc\nUSER bob:staff\nWORKDIR /w/x\nUSER 7:8\nWORKDIR y\nUSER alice:8\nWORKDIR z',
  ),
]
