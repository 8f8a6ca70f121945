import type { ParityCase } from './parity-case.js'
import { DAY_ONE, runCase } from './run-case.js'

const WHO =
  'id > /tmp/id; grep -e ^Uid -e ^Gid -e ^Groups /proc/self/status > /tmp/ids; echo $HOME > /tmp/home; touch /tmp/f'
const PEOPLE =
  "RUN printf 'alice:x:1000:1001::/home/alice:/bin/sh\\nbob:x:1001:50:Bob,,,:/home/bob:/bin/sh\\nnohome:x:1002:1002:::\\n5000:x:44:45::/five:/bin/sh\\n' >> /etc/passwd; printf 'alice:x:1001:\\ndev:x:2000:alice,bob\\nops:x:2001:bob,alice\\n2005:x:2006:\\n' >> /etc/group\n"

/** USER and WORKDIR as a step meets them. */
export const RUN_USER_CASES: readonly ParityCase[] = [
  runCase('user: root by default', `RUN ${WHO}`),
  runCase('user: root by name', `USER root\nRUN ${WHO}`),
  runCase('user: root by number', `USER 0\nRUN ${WHO}`),
  runCase('user: root with its group', `USER 0:0\nRUN ${WHO}`),
  runCase('user: by name', `${PEOPLE}USER bob\nRUN ${WHO}`),
  runCase('user: by name, with groups', `${PEOPLE}USER alice\nRUN ${WHO}`),
  runCase('user: by number, with a line', `${PEOPLE}USER 1001\nRUN ${WHO}`),
  runCase('user: by number, without a line', `USER 3000\nRUN ${WHO}`),
  runCase('user: number and group number', `${PEOPLE}USER 1001:7\nRUN ${WHO}`),
  runCase('user: name and group name', `${PEOPLE}USER bob:dev\nRUN ${WHO}`),
  runCase('user: name and group number', `${PEOPLE}USER bob:4242\nRUN ${WHO}`),
  runCase('user: number and group name', `${PEOPLE}USER 4242:ops\nRUN ${WHO}`),
  runCase('user: a group alone', `USER :100\nRUN ${WHO}`),
  runCase('user: a colon at the end', `${PEOPLE}USER bob:\nRUN ${WHO}`),
  runCase('user: without a home', `${PEOPLE}USER nohome\nRUN ${WHO}`),
  runCase('user: a name of digits', `${PEOPLE}USER 5000\nRUN ${WHO}`),
  runCase('user: of a variable', `${PEOPLE}ARG U=bob\nENV G=dev\nUSER $U:\${G}\nRUN ${WHO}`),
  runCase(
    'user: changed and back',
    `${PEOPLE}USER bob\nRUN touch /tmp/b\nUSER root\nRUN touch /r\nUSER alice\nRUN touch /tmp/a`,
  ),
  runCase('user: added by a step', `RUN adduser -D -u 1234 new\nUSER new\nRUN ${WHO}; cd && touch mine`),
  runCase(
    'user: of Debian',
    `FROM debian\nRUN useradd -m -u 1500 -G audio,video dev && ${DAY_ONE}\nUSER dev\nWORKDIR /home/dev\nRUN id > id; echo $HOME > home; touch f`,
  ),
  runCase('user: unknown', `USER nobodyknows\nRUN true`),
  runCase('user: unknown, and no step after it', `RUN true\nUSER nobodyknows`),
  runCase('user: an unknown group', `USER root:nothing\nRUN true`),
  runCase('user: too large', `USER 4294967296\nRUN true`),
  runCase('user: the largest', `USER 2147483647\nRUN ${WHO}`),
  runCase('user: over the largest', `USER 2147483648\nRUN true`),
  runCase('user: below zero', `USER -1\nRUN true`),
  runCase('user: with a blank', `USER "a b"\nRUN true`),
  runCase(
    'user: no file of users, by number',
    `FROM scratch\nCOPY --from=busybox /bin /bin\nUSER 1000:1000\nWORKDIR /w\nRUN id -u > x; echo $HOME >> x`,
  ),
  runCase(
    'user: no file of users, by name',
    `FROM scratch\nCOPY --from=busybox /bin /bin\nUSER root\nRUN id > /x`,
  ),
  runCase(
    'user: no file of users, unknown',
    `FROM scratch\nCOPY --from=busybox /bin /bin\nUSER www\nRUN id > /x`,
  ),
  runCase(
    'user: lines that are broken',
    `RUN printf 'broken\\n\\n#c:x:1:1::/:/x\\nshort:x:77\\nodd:x:abc:def::/o:/bin/sh\\n' >> /etc/passwd\nUSER short\nRUN ${WHO}`,
  ),
  runCase(
    'user: a line without numbers',
    `RUN printf 'odd:x:abc:def::/o:/bin/sh\\n' >> /etc/passwd\nUSER odd\nRUN ${WHO}`,
    { apart: { parts: ['outcome'], why: 'there such a user is root' } },
  ),
  runCase(
    'user: two lines of one number',
    `RUN printf 'one:x:700:701::/one:/bin/sh\\ntwo:x:700:702::/two:/bin/sh\\n' >> /etc/passwd\nUSER two\nRUN ${WHO}`,
  ),
  runCase(
    'user: no line end at the end',
    `RUN printf 'last:x:900:901::/last:/bin/sh' >> /etc/passwd\nUSER last\nRUN ${WHO}`,
  ),
  runCase(
    'user: the file of users is a link',
    `RUN mv /etc/passwd /etc/p && ln -s p /etc/passwd\nUSER www-data\nRUN ${WHO}`,
  ),
  runCase(
    'user: may not write to the image',
    `USER 1000:1000\nRUN touch /x || echo refused > /tmp/x; rm /etc/passwd || echo refused >> /tmp/x; chmod 777 /tmp || echo refused >> /tmp/x`,
  ),
  runCase(
    'user: setuid programs work',
    `RUN cp /bin/busybox /su-id && chmod 4755 /su-id\nUSER 1000\nRUN /su-id id -u > /tmp/u; ["/su-id", "id"] || true`,
  ),
  runCase('user: capabilities of an ordinary user', `USER 1000\nRUN grep ^Cap /proc/self/status > /tmp/caps`),
  runCase(
    'user: standard output may be opened again',
    `USER 1000\nRUN echo a > /dev/stdout && echo b > /dev/stderr && echo ok > /tmp/x`,
  ),
  runCase(
    'user: files of a sticky directory',
    `RUN touch /tmp/r\nUSER 1000\nRUN rm -f /tmp/r || echo refused > /tmp/x`,
  ),
  runCase('user: COPY keeps root, RUN does not', `USER 1000:1000\nCOPY a /tmp/c\nRUN cp /tmp/c /tmp/d`),
  runCase('WORKDIR: made', `WORKDIR /w\nRUN pwd > x; ls -ldn . | cut -c1-20 > y`),
  runCase('WORKDIR: relative', `WORKDIR /w\nWORKDIR a/b\nWORKDIR ../c\nRUN pwd > /x`),
  runCase('WORKDIR: of a user', `USER 1000:1001\nWORKDIR /w/a\nRUN pwd > x; touch ../y`),
  runCase(
    'WORKDIR: of a user by name',
    `USER www-data\nWORKDIR /w/a\nRUN pwd > x; ls -ldn /w /w/a | cut -c1-25 > y`,
  ),
  runCase('WORKDIR: before a user', `WORKDIR /w\nUSER 1000\nRUN touch x || echo refused > /tmp/x`),
  runCase(
    'WORKDIR: is there, of another owner',
    `RUN mkdir -m 700 /w && chown 5:6 /w\nWORKDIR /w\nRUN pwd > x`,
  ),
  runCase('WORKDIR: a user may not enter', `RUN mkdir -m 700 /w\nWORKDIR /w\nUSER 1000\nRUN pwd > /tmp/x`),
  runCase(
    'WORKDIR: through a link',
    `RUN mkdir -p /r/s && ln -s r /l\nWORKDIR /l/s\nRUN pwd > x; echo $PWD > y`,
  ),
  runCase('WORKDIR: a link that leads nowhere', `RUN ln -s /missing/dir /l\nWORKDIR /l\nRUN pwd > x`),
  runCase('WORKDIR: an absolute link', `RUN mkdir /real && ln -s /real /l\nWORKDIR /l/new\nRUN pwd > x`),
  runCase('WORKDIR: is a file', `RUN touch /f\nWORKDIR /f\nRUN pwd`),
  runCase('WORKDIR: removed by a step', `WORKDIR /w\nRUN rmdir /w\nRUN pwd > /x`),
  runCase(
    'WORKDIR: removed by a step, of a user',
    `WORKDIR /w/v\nRUN rm -r /w\nUSER 5:6\nRUN pwd > /tmp/x; ls -ldn /w /w/v | cut -c1-25 > /tmp/y`,
  ),
  runCase('WORKDIR: removed within its step', `WORKDIR /w\nRUN rmdir /w; echo a > /x`),
  runCase('WORKDIR: with a variable', `ENV D=/e\nARG S=s\nWORKDIR $D/\${S}\nRUN pwd > x`),
  runCase('WORKDIR: with blanks', `WORKDIR "/a b/c"\nRUN pwd > x`),
  runCase('WORKDIR: slashes and dots', `WORKDIR //a//b/./c/\nRUN pwd > x`),
  runCase('WORKDIR: root', `WORKDIR /w\nWORKDIR /\nRUN pwd > /x`),
  runCase('WORKDIR: /tmp', `WORKDIR /tmp\nRUN pwd > x`),
  runCase(
    'WORKDIR: of the base',
    `FROM busybox AS a\nWORKDIR /from/base\nFROM a\nRUN pwd > x\nWORKDIR more\nRUN pwd > y`,
  ),
  runCase('WORKDIR: cd holds for one step', `RUN cd /tmp && pwd > /x\nRUN pwd > /y`),
  runCase('umask', `RUN umask > /x; touch /f; mkdir /d; echo > /g; mkfifo /p`),
  runCase('umask of a user', `USER 1000\nWORKDIR /w\nRUN umask > x; touch f; mkdir d`),
  runCase('umask changed', `RUN umask 077; touch /f; mkdir -p /d/e; umask 0; touch /g; mkdir /h`),
  runCase(
    'owners by number',
    `RUN touch /f && chown 1234:5678 /f; mkdir /d && chown -R 99 /d; touch /g && chgrp 77 /g`,
  ),
  runCase('owners by name', `${PEOPLE}RUN touch /f && chown alice:dev /f; mkdir /d && chown :ops /d`),
  runCase(
    'owners: setgid directories hand on their group',
    `RUN mkdir /d && chgrp 50 /d && chmod 2775 /d && touch /d/f && mkdir /d/e`,
  ),
  runCase('owners: set-id bits fall with chown', `RUN touch /f && chmod 6755 /f && chown 1:2 /f`),
]
