/** One Dockerfile with RUN, held against BuildKit. It stands on busybox unless it has a FROM of its own. */
export interface RunCase {
  readonly name: string
  readonly dockerfile: string
  readonly context?: Readonly<Record<string, string>>
  /** As the library takes them. */
  readonly buildArgs?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly target?: string
  readonly extraHosts?: Readonly<Record<string, string>>
  readonly ulimits?: Readonly<Record<string, readonly [number, number]>>
  readonly shmSize?: number
  /** Nothing is built. */
  readonly fails?: true
  /** Where we choose otherwise, and why; `rows` are paths of files. */
  readonly apart?: { readonly why: string; readonly parts: readonly ('outcome' | 'history' | 'rows')[] }
}

const run = (name: string, ...lines: string[]): RunCase => ({
  name,
  dockerfile: lines.map((line) => `RUN ${line}`).join('\n'),
})

/** The store of this Docker writes the whole upper directory, BuildKit's own compares it with what lies below. */
const WHOLE = { why: 'a link to a file of a layer below is a copy', parts: ['rows'] } as const

const FILES: readonly RunCase[] = [
  run('a file', 'echo a > /f'),
  run('an empty file', ': > /f'),
  run('nothing at all', 'true'),
  run('a file below new directories', 'mkdir -p /a/b/c && echo x > /a/b/c/f'),
  run(
    'modes of files and directories',
    'mkdir -m 1777 /t && mkdir -m 2750 /g && touch /t/f && chmod 4711 /t/f && touch /z && chmod 0 /z',
  ),
  run('owners', 'touch /f && chown 1234:5678 /f && mkdir /d && chown 99 /d && touch /d/x'),
  run('large owner ids', 'touch /f && chown 2147483646:2147483645 /f'),
  run(
    'symbolic links of every sort',
    'ln -s bin /rel && ln -s /bin /abs && ln -s nowhere /dangling && ln -s . /etc/self && ln -s ../../.. /usr/up',
  ),
  run('hard links made together', 'echo x > /f && ln /f /g && mkdir /d && ln /f /d/h'),
  { ...run('a hard link to a file of the image', 'ln /etc/passwd /etc/passwd2'), apart: WHOLE },
  {
    ...run('a hard link that sorts before its target', 'ln /etc/passwd /etc/aaa && ln /etc/passwd /aaa'),
    apart: WHOLE,
  },
  run(
    'several links to a file of the image, which changes too',
    'ln /etc/passwd /p1 && ln /etc/passwd /p2 && echo x >> /etc/passwd',
  ),
  run('a link removed again', 'echo x > /f && ln /f /g && rm /f'),
  run('a file renamed', 'mv /etc/passwd /etc/passwd.old'),
  run('a directory renamed', 'mv /var /var2'),
  run('a file moved away and back', 'mv /etc/passwd /x && mv /x /etc/passwd'),
  run('a file removed', 'rm /etc/passwd'),
  run('a directory removed', 'rm -rf /var'),
  run('a file of the layer before removed', 'mkdir /d && touch /d/a /d/b', 'rm /d/a'),
  run(
    'a directory removed and made again',
    'mkdir /d && touch /d/a /d/b',
    'rm -rf /d && mkdir /d && touch /d/c',
  ),
  run(
    'a directory made again with one of its files',
    'mkdir -p /d/s && touch /d/a /d/s/b',
    'rm -rf /d && mkdir -p /d/s && touch /d/s/c /d/a',
  ),
  run('a directory made again and empty', 'mkdir -p /d/s && touch /d/a', 'rm -rf /d && mkdir /d'),
  run(
    'a directory made again within one',
    'mkdir -p /d/s/t && touch /d/s/a /d/s/t/b',
    'rm -rf /d/s && mkdir /d/s && touch /d/s/n',
  ),
  run('a file in place of a directory', 'mkdir /d && touch /d/a', 'rm -rf /d && echo file > /d'),
  run('a directory in place of a file', 'echo file > /d', 'rm /d && mkdir /d && touch /d/a'),
  run(
    'a link in place of a directory, and back',
    'mkdir /d && touch /d/a',
    'rm -rf /d && ln -s /etc /d',
    'rm /d && mkdir /d && touch /d/b',
  ),
  run('a link in place of a file', 'echo x > /f', 'rm /f && ln -s etc/passwd /f'),
  run('removed and made anew in the next step', 'touch /f', 'rm /f', 'echo new > /f'),
  run('the same change three times', 'echo a > /f', 'echo b > /f', 'echo c > /f'),
  run('appended to', 'echo a > /f', 'echo b >> /f', 'echo root2 >> /etc/passwd'),
  run('only a mode is changed', 'chmod 600 /etc/passwd && chmod 700 /usr'),
  run('only an owner is changed', 'chown 5:6 /etc/passwd /usr'),
  run('a mode set to what it was', 'chmod 644 /etc/passwd && chmod 755 /usr'),
  run('a time set', 'touch -d "2001-02-03 04:05:06" /etc/passwd /new'),
  run('a time set to what it was', 't=$(stat -c %Y /etc/passwd); touch -d @$t /etc/passwd'),
  run('a time before 1970', 'touch -d "1969-12-31 00:00:00" /f; touch -d "1970-01-01 00:00:00" /g'),
  run('made and removed again', 'mkdir /d && touch /d/x /y && rm -rf /d /y'),
  run('made and removed again where the image has files', 'touch /etc/x && rm /etc/x'),
  run('FIFOs', 'mkfifo -m 640 /pipe'),
  run('devices', 'mknod /c c 1 3 && mknod /b b 7 200 && mknod /c2 c 300 70000 && chmod 600 /c'),
  run('sockets are left out', 'nc -l -p 0 -U /sock & sleep 0.3; ls -l / > /dev/null; touch /f', 'true'),
  run('a sparse file', 'truncate -s 3M /s && printf end >> /s'),
  run(
    'content of some size',
    'yes 0123456789 | head -c 3000000 > /big; yes | head -c 512 > /block; yes | head -c 1048576 > /mib',
  ),
  run(
    'many files',
    'mkdir /many; i=0; while [ $i -lt 300 ]; do echo $i > /many/$i; i=$((i+1)); done; rm /many/1*',
  ),
  run(
    'odd names',
    `cd / && n=$(printf 'new\\nline') && mkdir "with blank" && touch "with blank/'q'" "$n" ./- ./--all 'back\\\\slash' '*' '\u00e9' '\u{1f980}' "$(printf 'tab\\tx')"`,
  ),
  run('a name of 255 bytes', 'touch /$(yes x | head -n 255 | tr -d "\\n")'),
  run(
    'a path over a hundred bytes',
    'd=/$(yes longname | head -n 20 | tr "\\n" /); mkdir -p $d && touch $d/f && ln -s $d /to && ln $d/f $d/g',
  ),
  run('names that are not UTF-8', 'touch "/$(printf "\\377\\376")" && mkdir "/$(printf "\\200")"'),
  run(
    'a directory of many levels',
    'd=; i=0; while [ $i -lt 60 ]; do d=$d/d; i=$((i+1)); done; mkdir -p $d && touch $d/f',
  ),
  run(
    'sorting of names',
    'mkdir /s && touch /s/a /s/a.b /s/a-b /s/A && mkdir /s/a0 && touch /s/a0/x /s.x /s-x',
  ),
  run('a step that deletes /bin', 'echo x > /x && rm -rf /bin'),
  run('background processes do not outlive the step', '(sleep 1; echo late > /late) & echo now > /now'),
  run('swapped files', 'echo a > /a && echo b > /b', 'mv /a /t && mv /b /a && mv /t /b'),
  run('swapped directories', 'mkdir /a /b && touch /a/x /b/y', 'mv /a /t && mv /b /a && mv /t /b'),
  run('copied with its attributes', 'cp -a /etc /etc2 && cp -a /bin/busybox /bb'),
  run(
    'an archive unpacked',
    'cd /tmp && tar -c -f x.tar -C / etc && mkdir /out && tar -x -f x.tar -C /out && rm x.tar',
  ),
  run('umask', 'umask; touch /f; mkdir /d; umask 077; touch /g; mkdir /e'),
]

const FORMS: readonly RunCase[] = [
  { name: 'exec form', dockerfile: 'RUN ["/bin/touch", "/a b", "$HOME", "/c"]\nWORKDIR /\n' },
  { name: 'exec form finds programs in PATH', dockerfile: 'RUN ["touch", "/x"]' },
  {
    name: 'exec form is not a shell',
    dockerfile: 'RUN ["/bin/sh", "-c", "echo $0 $1 > /x", "zero", "one && two"]',
  },
  { name: 'continued lines and comments', dockerfile: 'RUN echo a \\\n  b \\\n# comment\n  c > /x' },
  {
    name: 'SHELL',
    dockerfile: 'SHELL ["/bin/ash", "-e", "-u", "-c"]\nRUN echo $- > /x\nRUN ["touch", "/y"]',
  },
  { name: 'a here-document', dockerfile: 'RUN <<EOF\necho a > /a\necho "$0 $HOME" > /b\nEOF' },
  {
    name: 'a here-document with quotes and tabs',
    dockerfile: 'RUN <<-"EOF"\n\techo \'$HOME\' $HOME > /a\n\tEOF',
  },
  {
    name: 'a here-document with its interpreter',
    dockerfile:
      'RUN <<EOF\n#!/bin/cat\ntext\nEOF\nRUN <<SCRIPT\n#!/bin/ash\necho "$0" > /zero; cat "$0" > /self; ls -ld /dev/pipes/* > /dev/null; echo x 2>/dev/null >> "$0" || echo read-only > /ro\nSCRIPT',
  },
  { name: 'here-documents as input', dockerfile: 'RUN cat <<a > /a && cat <<b > /b\none $HOME\na\ntwo\nb' },
  {
    name: 'a here-document for another program',
    dockerfile: 'RUN <<EOF ash -s x y\necho $1 $2 > /args\nEOF',
  },
  {
    name: 'an ONBUILD of a stage before',
    dockerfile: 'FROM busybox AS base\nONBUILD RUN echo triggered > /t\nFROM base\nRUN cat /t > /u',
  },
  {
    name: 'a stage for building, another for the image',
    dockerfile:
      'FROM busybox AS build\nRUN mkdir /out && echo built > /out/app && ln -s app /out/link && chmod 755 /out/app\nFROM busybox\nCOPY --from=build /out /opt\nRUN cat /opt/link > /ran',
  },
  {
    name: 'a stage from a stage',
    dockerfile:
      'FROM busybox AS a\nRUN echo a > /a\nFROM a AS b\nRUN echo b > /b\nFROM b\nRUN cat /a /b > /c; rm /a',
  },
  {
    name: 'a target',
    target: 'one',
    dockerfile: 'FROM busybox AS one\nRUN echo 1 > /1\nFROM busybox AS two\nRUN exit 1',
  },
  {
    name: 'metadata between',
    dockerfile:
      'LABEL a=b\nRUN touch /a\nEXPOSE 80\nVOLUME /v\nRUN mkdir -p /v && echo kept > /v/f\nCMD ["x"]\nENTRYPOINT y\nSTOPSIGNAL 9\nUSER 5',
  },
  {
    name: 'changes of a COPY',
    context: { f: 'f\n', 'd/g': 'g\n' },
    dockerfile:
      'COPY . /c/\nRUN rm /c/f && echo more >> /c/d/g && touch /c/d/h\nCOPY f /c/f2\nRUN cat /c/f2 > /c/f3',
  },
]

const VARIABLES: readonly RunCase[] = [
  {
    name: 'the environment',
    dockerfile:
      'ENV A=1 B="two words"\nARG C=3\nARG D\nRUN env | grep -v -e ^PWD -e ^SHLVL -e ^OLDPWD | sort > /env',
  },
  {
    name: 'arguments given',
    buildArgs: { C: 'given', D: 'too', E: 'unused' },
    dockerfile: 'ARG C=3\nARG D\nRUN echo $C $D $E > /x\nENV C=env\nRUN echo $C > /y',
  },
  {
    name: 'arguments of the history, each once',
    buildArgs: { B: 'b' },
    dockerfile: 'ARG A=a\nRUN true\nARG B\nARG A=again\nRUN echo $A$B > /x',
    apart: { why: 'this BuildKit counted one that is written twice twice', parts: ['history'] },
  },
  {
    name: 'global arguments',
    dockerfile: 'ARG G=global\nFROM busybox\nRUN echo "[$G]" > /x\nARG G\nRUN echo "[$G]" > /y',
  },
  {
    name: 'predefined arguments',
    dockerfile:
      'ARG TARGETPLATFORM\nARG TARGETOS\nARG TARGETARCH\nARG BUILDPLATFORM\nRUN echo $TARGETPLATFORM $TARGETOS $TARGETARCH $BUILDPLATFORM > /x',
  },
  {
    name: 'proxy variables',
    buildArgs: { HTTP_PROXY: 'http://p:1', no_proxy: 'x,y' },
    dockerfile: 'RUN env | grep -i proxy | sort > /x',
  },
  {
    name: 'declared proxy variables',
    buildArgs: { HTTPS_PROXY: 'http://p:2' },
    dockerfile: 'ARG HTTPS_PROXY\nRUN env | grep -i proxy | sort > /x',
  },
  {
    name: 'PATH',
    dockerfile:
      'ENV PATH=/opt/bin:$PATH\nRUN mkdir -p /opt/bin && printf "#!/bin/sh\\necho tool > /x" > /opt/bin/tool && chmod +x /opt/bin/tool\nRUN tool; echo $PATH > /y',
  },
  { name: 'HOME', dockerfile: 'RUN echo $HOME > /x\nENV HOME=/h\nRUN echo $HOME > /y' },
  {
    name: 'a hostname of the build',
    buildArgs: { BUILDKIT_SANDBOX_HOSTNAME: 'other' },
    dockerfile: 'RUN hostname > /x; grep -c other /etc/hosts > /y',
  },
  {
    name: 'values with all sorts of characters',
    dockerfile: 'ENV Q="a\\"b" S=\'$x\' E= U=\u00e9\nRUN env | grep -e ^Q= -e ^S= -e ^E= -e ^U= | sort > /x',
  },
]

const ALICE =
  'RUN echo alice:x:1000:1000::/home/alice:/bin/sh >> /etc/passwd; echo alice:x:1000: >> /etc/group; echo staff2:x:2000:root,alice >> /etc/group; echo wheel2:x:2001:alice,alice >> /etc/group\n'

const USERS: readonly RunCase[] = [
  {
    name: 'a user by name',
    dockerfile: `${ALICE}USER alice\nRUN id > /tmp/id; echo $HOME > /tmp/home; grep ^Groups /proc/self/status > /tmp/groups; touch /tmp/f`,
  },
  { name: 'a user by number', dockerfile: `${ALICE}USER 1000\nRUN id > /tmp/id; echo $HOME > /tmp/home` },
  {
    name: 'a user that nobody knows, by number',
    dockerfile: 'USER 4321\nRUN id > /tmp/id; echo $HOME > /tmp/home; touch /tmp/f',
  },
  {
    name: 'user and group by number',
    dockerfile: 'USER 12:34\nRUN id > /tmp/id; grep ^Groups /proc/self/status > /tmp/groups',
  },
  {
    name: 'user and group by name',
    dockerfile: `${ALICE}USER alice:wheel\nRUN id > /tmp/id; grep ^Groups /proc/self/status > /tmp/groups`,
  },
  { name: 'a group alone', dockerfile: 'USER :wheel\nRUN id > /tmp/id' },
  { name: 'an unknown user', fails: true, dockerfile: 'USER nobodyknows\nRUN true' },
  { name: 'an unknown group', fails: true, dockerfile: 'USER root:nogroupofthisname\nRUN true' },
  { name: 'a user that is out of range', fails: true, dockerfile: 'USER 4294967296\nRUN true' },
  {
    name: 'a number where the image has no file of users',
    fails: true,
    dockerfile: 'RUN rm /etc/passwd\nUSER 33\nRUN true',
  },
  {
    name: 'a user of a line where the image has no file of groups',
    fails: true,
    dockerfile: 'RUN rm /etc/group\nUSER 0\nRUN true',
  },
  {
    name: 'a number without a line where the image has no file of groups',
    dockerfile: 'RUN rm /etc/group\nUSER 4000\nRUN id > /tmp/id',
  },
  {
    name: 'user and group by number where the image has no such files',
    dockerfile: 'RUN rm /etc/passwd /etc/group\nUSER root:7\nRUN id > /tmp/id; echo $HOME > /tmp/home',
  },
  { name: 'a user below zero', fails: true, dockerfile: 'USER -1\nRUN true' },
  {
    name: 'the first of two lines of a user',
    dockerfile:
      'RUN echo dup:x:500:501::/one:/bin/sh >> /etc/passwd; echo dup:x:600:601::/two:/bin/sh >> /etc/passwd\nUSER dup\nRUN id -u > /tmp/u; id -g > /tmp/g; echo $HOME > /tmp/home',
  },
  {
    name: 'a name that is a number',
    dockerfile: 'RUN echo 777:x:5:6::/x:/bin/sh >> /etc/passwd\nUSER 777\nRUN id -u > /tmp/u; id -g > /tmp/g',
  },
  { name: 'the groups of root', dockerfile: 'RUN id -G > /x; grep ^Groups /proc/self/status > /y' },
  {
    name: 'an ordinary user may not write everywhere',
    dockerfile: 'USER 1000:1000\nRUN touch /x || echo refused > /tmp/y',
  },
  { name: 'WORKDIR', dockerfile: 'WORKDIR /w\nRUN pwd > x\nWORKDIR sub/dir\nRUN pwd > y; touch ../z' },
  { name: 'WORKDIR of a user', dockerfile: 'USER 1000:1001\nWORKDIR /w/x\nRUN touch f; pwd > g' },
  {
    name: 'WORKDIR through a link',
    dockerfile: 'RUN mkdir /real && ln -s real /link\nWORKDIR /link/sub\nRUN pwd > x',
  },
  {
    name: 'WORKDIR that a step removed',
    dockerfile: 'WORKDIR /w\nRUN rmdir /w\nRUN pwd > /x; ls -ld /w | cut -c1-10 > /y',
  },
]

const SURROUNDINGS: readonly RunCase[] = [
  run(
    'hosts and name servers are not in the image',
    'cat /etc/hosts > /hosts; ls -l /etc/resolv.conf /etc/hosts | cut -c1-10 > /modes; hostname > /name',
  ),
  run('hosts cannot be written', 'echo x >> /etc/hosts || echo refused > /x'),
  run('a directory with hosts changes', 'touch /etc/new && rm /etc/group'),
  {
    name: 'names of hosts given',
    extraHosts: { one: '10.0.0.1', two: '::2' },
    dockerfile: 'RUN cat /etc/hosts > /x',
  },
  {
    name: 'resolv.conf of the image is a link',
    dockerfile:
      'FROM busybox AS l\nRUN mkdir /l && ln -s ../run/resolv /l/resolv.conf\nFROM busybox\nCOPY --from=l /l/ /etc/\nRUN test -s /run/resolv && touch /found; readlink /etc/resolv.conf > /x',
  },
  {
    name: 'resolv.conf of the image has content',
    context: { r: 'mine\n' },
    dockerfile:
      'COPY r /etc/resolv.conf\nCOPY r /etc/hosts\nRUN grep -c mine /etc/resolv.conf /etc/hosts > /x; true',
  },
  {
    name: 'a stage without anything',
    dockerfile: 'FROM scratch\nCOPY --from=busybox /bin /bin\nRUN ls / | tr "\\n" " " > /bin/ls.txt',
  },
  run('standard input is empty', 'cat > /in;  test -t 1 || echo no terminal > /y'),
  run('process ids begin anew', 'echo $$ > /pid'),
  run(
    'devices and shared memory',
    'ls /dev | grep -v core > /dev.txt; df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2 > /shm',
  ),
  {
    name: 'size of the shared memory',
    shmSize: 16 << 20,
    dockerfile: 'RUN df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2 > /shm',
  },
  {
    name: 'ulimits',
    ulimits: { nofile: [123, 456], core: [0, 0] },
    dockerfile: 'RUN ulimit -Sn > /x; ulimit -Hn >> /x; ulimit -c >> /x',
  },
  run(
    'capabilities',
    'grep ^Cap /proc/self/status > /caps; grep -e NoNewPrivs -e Seccomp: /proc/self/status > /rest',
  ),
  {
    name: 'directories made in one with the setgid bit',
    context: { a: 'a', 'd/sub/f': 'f' },
    dockerfile: [
      'RUN mkdir -m 2775 /g && chgrp 50 /g',
      'WORKDIR /g/work/deep',
      'COPY a below/',
      'COPY d /g/copied',
      'COPY --chown=7:8 d/sub /g/owned/sub',
      'USER 5:6',
      'WORKDIR /g/user',
    ].join('\n'),
  },
  {
    name: 'no network',
    dockerfile:
      'RUN --network=none ls /sys/class/net | grep -v -e tunl -e sit -e gre -e ip -e erspan -e teql > /x; true',
  },
]

const RANDOM = 'RUN sleep 0.5; head -c 16 /dev/urandom > /r'

const BUILDS: readonly RunCase[] = [
  {
    name: 'equal steps of two stages are one',
    dockerfile: `FROM busybox AS a\n${RANDOM}\nFROM busybox AS b\n${RANDOM}\nRUN touch /extra\nFROM busybox\nCOPY --from=a /r /a\nCOPY --from=b /r /b\nRUN cmp /a /b && echo same > /x; rm /a /b\nFROM scratch\nCOPY --from=2 /x /`,
  },
  {
    name: 'an empty file of a time before 1970, seen by a step',
    dockerfile:
      "FROM busybox AS b\nRUN mkdir /o && touch -d '1969-12-31 23:59:50' /o/m\nFROM busybox\nCOPY --from=b /o/m /r/\nRUN stat -c %Y /r/m > /y",
  },
  run('a tun device', 'mknod /tmp/tun c 10 200 && (: 3<>/tmp/tun) && echo opened > /x; rm /tmp/tun'),
  {
    name: 'whose stdout is',
    dockerfile: "USER 1234:99\nRUN stat -L -c '%u %g' /dev/stdout /dev/stderr > /tmp/x",
  },
  run(
    'a tmpfs in place of the devices',
    '--mount=type=tmpfs,target=/dev ls /dev > /x; echo > /dev/null; ls -l /dev | cut -c1-10 > /y',
  ),
]

export const RUN_CASES: readonly RunCase[] = [
  ...FILES,
  ...FORMS,
  ...VARIABLES,
  ...USERS,
  ...SURROUNDINGS,
  ...BUILDS,
]
