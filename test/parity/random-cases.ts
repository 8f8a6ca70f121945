import type { ParityCase } from './parity-case.js'

/** Numbers below `end` that look random and are the same in every run (mulberry32). */
export function generator(seed: number): (end: number) => number {
  let state = seed
  return (end) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }
}

/** Paths of the shared context, and ways to write them. */
const SOURCES = [
  ...[
    'a',
    'b',
    'c.txt',
    'late',
    'half',
    './a',
    '/a',
    '../a',
    'd',
    'd/',
    'd/.',
    './d',
    'd/sub',
    'd/sub/..',
    'd/f',
    'e',
    'e/f',
  ],
  ...[
    '.',
    './',
    '/',
    'd/sub/g',
    'modes',
    'modes/suid',
    'modes/sub',
    'modes/hollow',
    'empty',
    'hard',
    'hard/one',
    'hard/two',
  ],
  ...[
    'links',
    'links/to-a',
    'links/to-d',
    'links/to-d/f',
    'links/to-d/',
    'over',
    'tolink',
    'etc',
    'missing',
    'links/dangling',
  ],
  ...[
    '*.txt',
    'd*',
    '[de]',
    '?',
    '*/f',
    'links/to-*',
    'no*',
    'hard/*',
    'm*/s*',
    '[^a-c]',
    'd/sub/*',
    '*',
    'e/[fh]',
    'links/to-d/*',
  ],
]
const DESTINATIONS = [
  ...[
    '/x',
    '/x/',
    '/x/y',
    '/x/y/',
    '/x/y/z',
    '.',
    './',
    'rel',
    'rel/',
    './rel/dir/',
    '..',
    '../up',
    '/',
    '/a',
    '/a/',
    '/b',
  ],
  ...[
    '/d',
    '/d/',
    '/d/f',
    '/d/sub',
    '/d/sub/',
    '/e/f',
    '/x/.',
    '/x/..',
    '/x/f',
    '/l/to-d',
    '/l/to-d/',
    '/l/to-d/q',
    '/l/to-a',
  ],
  ...[
    '/l/absolute',
    '/l/absolute/',
    '/l/dangling',
    '/l/dangling/',
    '/links',
    '/l',
    '/l/',
    '/srv',
    '/srv/',
    '/srv/file',
  ],
  ...[
    '/bin',
    '/bin/',
    '/bin/tool',
    '/usr/bin/twin',
    '/etc',
    '/etc/',
    '/tmp/',
    '/var/run/',
    '/var/run/x',
    '/empty',
    '/modes',
  ],
]
const OWNERS = [
  '1',
  '0',
  '7:8',
  '12:34',
  'alice',
  'alice:staff',
  'bob',
  ':staff',
  'root',
  'nobody',
  '5:staff',
  'guest',
  '7:nogroup',
  '',
]
const MODES = [
  '644',
  '0755',
  '4755',
  '1755',
  '700',
  '0',
  'u+x',
  'go-rwx',
  'a=rX',
  'u=rwX,go=rX',
  '+t',
  'g+s',
  'a+rwx',
  '600',
  'go=u',
]
const WORKDIRS = [
  '/w',
  '/w/x',
  'rel',
  '../up',
  '.',
  '/',
  '/d',
  '/x/y',
  '/l/absolute/new',
  '/srv',
  '/srv/sub',
  '/bin/sub',
  '/tmp/a/b',
  '$DIR',
  '/a',
]
const USERS = ['alice', '7', '7:8', 'root', 'bob:staff', 'guest', '0:0', 'nobody', ':9']
const METADATA = [
  'ENV A=1 B="two words"',
  'ENV A=$V$A B="$A \\"q\\"" C=\'$A\'',
  'ENV D=${PATH//\\//-} E=${DIR%/*} F=${B/two/2}',
  'ARG A=arg\nENV Z=$A',
  'LABEL "$A"=\'$A\' x="${V:-$A}"',
  'ENTRYPOINT []',
  'CMD []',
  'EXPOSE $A 1000-1002/udp',
  'VOLUME ["/v $A"]',
  'ENV DIR=/env/dir',
  'ENV PATH=/mine:$PATH',
  'ARG V=1',
  'ARG V',
  'ARG W=$V X=${W:-none}',
  'LABEL k=v "a b"="c d"',
  'LABEL k=$A',
  'CMD ["x", "y z"]',
  'CMD run "this"',
  'ENTRYPOINT ["/e"]',
  'ENTRYPOINT run it',
  'EXPOSE 80 443/udp 90-92',
  'VOLUME /data /x',
  'STOPSIGNAL 9',
  'SHELL ["/bin/sh", "-ec"]',
  'MAINTAINER me',
  'ENV E=${A:+set} F=${NOPE-default} G=${A#1}',
  'LABEL empty= other=""',
]
const ARCHIVES = [
  'archive.tar',
  'archive.tgz',
  'a',
  'd',
  'archive.t*',
  'archive.tar a',
  'links',
  'modes/suid',
  'archive.tgz d/f',
  'hard/one',
]
const PATTERNS = [
  'a',
  'd',
  'd/*',
  '*',
  '**',
  '**/f',
  '*/sub',
  'links',
  'links/to-*',
  '*.txt',
  'e',
  'e/f',
  'd/sub',
  'd/sub/g',
  'modes',
  'modes/s*',
  '[a-d]',
  '?',
  'hard',
  'empty',
  'over/**',
  'arch*',
  '/a',
  './b',
  'd/',
  'etc',
  'Dockerfile',
]
const TRIGGERS = [
  'ENV T=$A.$V',
  'ARG V=trigger',
  'USER 7:8',
  'WORKDIR trig/$V',
  'LABEL t=$T',
  'CMD ["t"]',
  'ENTRYPOINT ["t"]',
  'EXPOSE 99',
  'VOLUME /t',
]
const TEXTS = [
  '\tvalue $A ${V}',
  'plain',
  '',
  '\t\t$DIR\n\n  ${A:-none} \\$A',
  '"$A" \'$V\' `x` \\\\',
  '${PATH##*/} ${A%1}',
  'FROM x\n# y',
]
const IGNORES = [
  '*\n!a\n!d\n',
  'd\n!d/f\n',
  '**/f\n',
  '*.txt\nlinks\n',
  'd/*\n!d/sub\n',
  '# c\n\n./a\n/b\n',
  'hard/one\n',
  '**\n!**/f\n',
  'Dockerfile\n',
  '*/sub\n!d/sub/g\n',
]

/** Small Dockerfiles put together at random: the same seed gives the same ones. */
export function generate(seed: number, count: number): ParityCase[] {
  return Array.from({ length: count }, (_, index) => randomCase(seed * 100_003 + index))
}

function randomCase(seed: number): ParityCase {
  const pick = generator(seed)
  const one = <T>(list: readonly T[]): T => list[pick(list.length)]!
  const chance = (percent: number) => pick(100) < percent
  const stages = chance(35) ? (chance(30) ? 3 : 2) : 1
  const lines: string[] = []
  for (let stage = 0; stage < stages; stage++) {
    lines.push(from(stage))
    // A stage that links can lead into, and names can be looked up in.
    if (chance(40)) lines.push('COPY links /l/')
    if (chance(25)) lines.push('COPY d /a/d')
    if (chance(35)) lines.push('COPY etc /etc')
    for (let left = 1 + pick(5); left > 0; left--) lines.push(instruction(stage))
  }
  const args = lines.some((line) => line.startsWith('FROM base')) ? ['--build-context', 'base=@base'] : []
  if (chance(8)) args.push('--build-arg', 'V=given')
  if (chance(5)) args.push('--label', 'cli=1')
  return {
    name: `seed ${seed}`,
    dockerfile: `${lines.join('\n')}\n`,
    ...(args.length > 0 && { args }),
    ...(chance(25) && { ignore: chance(40) ? one(IGNORES) : ignored() }),
  }

  function ignored(): string {
    const count = 1 + pick(4)
    return Array.from({ length: count }, () => `${chance(35) ? '!' : ''}${one(PATTERNS)}\n`).join('')
  }

  function from(stage: number): string {
    const name = ` AS s${stage}`
    if (stage > 0 && chance(30)) return `FROM s${pick(stage)}${name}`
    return chance(30) ? `FROM base${name}` : `FROM scratch${name}`
  }

  function instruction(stage: number): string {
    const kind = pick(100)
    if (kind < 55) return copy(stage)
    if (kind < 65) return `WORKDIR ${one(WORKDIRS)}`
    if (kind < 70) return `USER ${one(USERS)}`
    if (kind < 78)
      return `ADD ${flags(['chown', 'chmod', 'link', 'exclude'])}${chance(15) ? '--unpack=false ' : ''}${one(ARCHIVES)} ${one(DESTINATIONS)}`
    if (kind < 82) return heredoc()
    if (kind < 86) return `ONBUILD ${chance(50) ? copy(0) : chance(30) ? heredoc() : one(TRIGGERS)}`
    return one(METADATA)
  }

  function copy(stage: number): string {
    const fromStage = stage > 0 && chance(50)
    const prefix = fromStage ? `--from=${one([`s${pick(stage)}`, String(pick(stage))])} ` : ''
    const sources = Array.from({ length: chance(20) ? 2 : 1 }, () => {
      if (fromStage && chance(40)) return one(DESTINATIONS.filter((path) => path.startsWith('/')))
      return one(SOURCES)
    })
    return `COPY ${prefix}${flags(['chown', 'chmod', 'exclude', 'link'])}${sources.join(' ')} ${one(DESTINATIONS)}`
  }

  function flags(allowed: readonly string[]): string {
    let text = ''
    if (allowed.includes('chown') && chance(20)) text += `--chown=${one(OWNERS)} `
    if (allowed.includes('chmod') && chance(18)) text += `--chmod=${one(MODES)} `
    if (allowed.includes('exclude') && chance(8))
      text += `--exclude=${one(['f', '**/f', 'sub', '*', 'to-*', '*.txt', '!f', 'd'])} `
    if (allowed.includes('link') && chance(10)) text += '--link '
    return text
  }

  function heredoc(): string {
    const names = chance(25) ? ['one', 'f'] : [one(['EOF', 'file', 'a', 'f', 'sub'])]
    const marks = names.map((name) => `<<${chance(30) ? '-' : ''}${chance(30) ? `"${name}"` : name}`)
    const bodies = names.map((name) => `${one(TEXTS)}\n${name}`)
    const files = chance(15) ? `${one(SOURCES)} ` : ''
    const keyword = chance(20) ? 'ADD' : 'COPY'
    return `${keyword} ${flags(['chown', 'chmod', 'link'])}${files}${marks.join(' ')} ${one(DESTINATIONS)}\n${bodies.join('\n')}`
  }
}
