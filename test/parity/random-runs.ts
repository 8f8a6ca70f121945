import type { ParityCase } from './parity-case.js'
import { generator } from './random-cases.js'
import { runCase } from './run-case.js'

/** Few, so that what one command makes is in the way of the next. */
const PLACES = [
  '/w/a',
  '/w/b',
  '/w/c',
  '/w/a/x',
  '/w/a/y',
  '/w/b/x',
  '/w/a/x/deep',
  '/w/with\\ blank',
  '/srv/é',
  '/etc/passwd',
  '/etc/new',
  '/etc/dir',
  '/root/f',
  '/tmp/t',
  '/opt',
  '/opt/x',
  '/home',
  '/home/u/f',
]
const SOURCES = [
  'a',
  'b',
  'c.txt',
  'd',
  'd/',
  'e/f',
  'modes',
  'links',
  'hard',
  'empty',
  'tolink',
  '.',
  'd/sub',
]
const MODES = [
  '644',
  '755',
  '600',
  '0',
  '4755',
  '2750',
  '1777',
  '7777',
  'u+s',
  'g+s',
  '+t',
  'a-x',
  'go-rwx',
  'u=rwX,go=rX',
]
const OWNERS = ['1', '7:8', '0:0', '1000:1001', ':50', '65534:65534', '99999:2', 'root', '12:root']
const TIMES = [
  '@1',
  '@86400',
  '@1500000000',
  '@1749999999',
  '2001-02-03 04:05:06',
  '2037-01-01 00:00:00',
  '1999-12-31 23:59:59',
]
const USERS = ['root', '7', '7:8', '0:50', '1000:1001', 'nobody']
const MOUNTS = [
  'type=bind,target=/mnt',
  'type=bind,source=d,target=/w/a',
  'type=bind,source=d,target=/w/new/place,rw',
  'type=bind,from=other,target=/mnt/deep/er',
  'type=bind,from=other,source=/w,target=/srv,rw',
  'type=tmpfs,target=/w/b',
  'type=tmpfs,target=/tmp',
  'type=tmpfs,target=/var/none/here',
  'type=cache,target=/w/c',
  'type=cache,target=/opt/cache,uid=7,mode=0711',
  'type=cache,target=/w/a/x,from=other,source=/w',
  'type=cache,target=/etc/dir,sharing=private',
]

/** So that there is something to move and to remove; of unlike sizes, as BuildKit takes files of one size and one clock tick for the same. */
const FULL =
  "RUN mkdir -p /w/a/x /w/b/x /home/u /srv /opt; echo y > /w/a/y; echo ccc > /w/c; ln /w/c '/w/with blank'; ln -s ../w/a /srv/é; \\\n" +
  '    echo deeper > /w/a/x/deep; ln /w/a/x/deep /home/u/f; cp /etc/passwd /opt/x; mkdir -m 2775 /etc/dir; touch /etc/dir/1 /etc/dir/2'

/** Dockerfiles that run shells which make, change and remove files: the same seed gives the same ones. */
export function generateRuns(seed: number, count: number): ParityCase[] {
  return Array.from({ length: count }, (_, index) => randomRuns(seed * 100_003 + index))
}

function randomRuns(seed: number): ParityCase {
  const pick = generator(seed)
  const one = <T>(list: readonly T[]): T => list[pick(list.length)]!
  const chance = (percent: number) => pick(100) < percent
  const base = chance(6) ? 'debian' : 'busybox'
  let isFirst = true
  const lines = [`FROM ${base} AS other`, FULL, step(), ...(chance(60) ? [instruction(), step()] : [])]
  isFirst = false
  lines.push(...(chance(60) ? ['FROM other'] : [`FROM ${base}`, FULL]))
  for (let left = 2 + pick(5); left > 0; left--) lines.push(chance(65) ? step() : instruction())
  return runCase(`random with RUN ${seed}`, lines.join('\n'))

  /** Each command may fail, and says nothing then: what is compared is what all leave. */
  function commands(): string[] {
    return ['mkdir -p /w', ...Array.from({ length: 1 + pick(9) }, () => command())].map(
      (text) => `{ ${text}; } 2>/dev/null || true`,
    )
  }

  function step(): string {
    const kind = pick(10)
    const mounts = chance(18) ? `--mount=${one(MOUNTS)} ` : ''
    if (kind === 0) return `RUN ${mounts}${JSON.stringify(['/bin/sh', '-c', commands().join('; ')])}`
    if (kind === 1) return `RUN ${mounts}<<EOF\n${commands().join('\n')}\nEOF`
    return `RUN ${mounts}${commands().join('; \\\n    ')}`
  }

  function command(): string {
    const [at, to] = [one(PLACES), one(PLACES)]
    const word = `${pick(1000)}`
    switch (pick(30)) {
      case 0:
      case 1:
      case 2:
        return `mkdir -p ${at}`
      case 3:
      case 4:
        return `mkdir -p $(dirname ${at.includes(' ') ? `"${at.replace('\\', '')}"` : at}); echo ${word} > ${at}`
      case 5:
        return `echo ${word} >> ${at}`
      case 6:
        return `rm -rf ${at}`
      case 7:
        return `rm -f ${at}`
      case 8:
        return `rmdir ${at}`
      case 9:
        return `rm -rf ${at} && mkdir -p ${at} && echo ${word} > ${at}/${one(['x', 'y', 'z'])}`
      case 10:
      case 11:
        return `ln ${at} ${to}`
      case 12:
        return `ln -s ${chance(50) ? at : one(['x', '../b', '.', 'nowhere', '../../etc'])} ${to}`
      case 13:
        return `ln -sfn ${at} ${to}`
      case 14:
      case 15:
        return `mv ${at} ${to}`
      case 16:
        return `mv -T ${at} ${to}`
      case 17:
        return `cp -a ${at} ${to}`
      case 18:
        return `cp -r ${at} ${to}`
      case 19:
        return `chmod ${chance(30) ? '-R ' : ''}${one(MODES)} ${at}`
      case 20:
        return `chown ${chance(30) ? '-R ' : ''}${one(OWNERS)} ${at}`
      case 21:
        return `chown -h ${one(OWNERS)} ${at}`
      case 22:
        return `[ -d ${at} ] || touch -d "${one(TIMES)}" ${at}`
      case 23:
        return `[ -d ${at} ] || truncate -s ${one(['0', '1', '5000', '200000'])} ${at}`
      case 24:
        return `dd if=/dev/zero of=${at} bs=1 count=1 seek=${one(['0', '4095', '4096', '1000000'])} conv=notrunc`
      case 25:
        // Where nobody opens it, and waits.
        return `mkfifo -m ${one(['600', '644'])} ${one(['/w', '/etc', '/w/b'])}/pipe; mv /w/pipe /opt`
      case 26:
        return `mknod ${at} ${one(['c 1 3', 'c 5 1', 'c 0 0'])}`
      case 27:
        return attribute(at)
      case 28:
        // Not into what is being packed: how far that goes is chance.
        return `tar -cf - -C ${at.startsWith('/opt') ? '/etc/dir' : '/opt'} . | tar -xf - -C ${at.startsWith('/etc/dir') ? '/w' : at}`
      default:
        return `find ${at} -mindepth 1 -${one(['type f', 'type d', 'name x', 'type l'])} -exec rm -rf {} +`
    }
  }

  /** Perl of Debian can set one by the system call's number (x86-64). */
  function attribute(at: string): string {
    if (base !== 'debian') return `cat ${at} > ${one(PLACES)}`
    const [name, value] = one([
      ['user.a', 'one'],
      ['user.b', ''],
      ['trusted.c', 'x\\0y'],
      ['security.capability', '\\1\\0\\0\\2\\0\\4\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'],
    ])
    const file = at.replace('\\ ', '\\x20')
    return `perl -e 'my $v = "${value}"; syscall(188, "${file}", "${name}", $v, length $v, 0)'`
  }

  function instruction(): string {
    const to = chance(50) ? one(['/new', '/new/er', '/w', '/srv']) : one(PLACES).replace('\\ ', '_')
    switch (pick(14)) {
      case 0:
      case 1:
      case 2:
        return `COPY ${chance(20) ? `--chown=${one(['7:8', '1', '0:50'])} ` : ''}${one(SOURCES)} ${to}${chance(40) ? '/' : ''}`
      case 3:
        return `COPY --link ${one(SOURCES)} ${to}/`
      case 4:
        return `COPY --chown=${one(['0:50', '99'])} ${one(SOURCES)} ${one(SOURCES)} ${to}/`
      case 5:
      case 6:
        return isFirst
          ? 'ENV NOTHING=1'
          : `COPY --from=other ${one(['/w', '/w/', '/etc', '/home', '/opt', '/srv'])} ${to}${chance(40) ? '/' : ''}`
      case 7:
        return `ADD ${one(['archive.tar', 'archive.tgz'])} ${to}/`
      case 8:
        return `WORKDIR ${one(['/w', '/w/a', '/w/new/er', 'rel', '/srv/é', '/etc/dir', '/home/u', '/'])}`
      case 9:
        return `USER ${one(USERS)}\n${step()}\nUSER root`
      case 10:
        return `VOLUME ${one(['/w/a', '/w', '/srv', '/vol', '/etc/dir'])}`
      case 11:
        return `SHELL ${one(['["/bin/sh", "-ec"]', '["/bin/sh", "-xc"]', '["/bin/sh", "-c"]'])}`
      case 12:
        return `ENV V=${pick(9)} W="\${V:-none} x"\nRUN echo "$V-$W" > /w.env`
      default:
        // Docker 26 does not know that a stage has the arguments of the one it stands on.
        return isFirst
          ? 'LABEL a=b'
          : `ARG V=${pick(9)}\nRUN echo "$V" > /w.arg; umask 027; mkdir -p /w/um/ask; touch /w/um/f`
    }
  }
}
