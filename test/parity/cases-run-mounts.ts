import type { ParityCase } from './parity-case.js'
import { runCase } from './run-case.js'

const SECRETS = {
  files: { 'secrets/tok': 'value\n', 'secrets/bare': 'bare' },
  args: ['--secret', 'id=tok,src=@context/secrets/tok', '--secret', 'id=bare,src=@context/secrets/bare'],
}
const STAGE =
  'FROM busybox AS s\nRUN mkdir -p /o/p /e && echo stage > /o/p/f && echo g > /o/g && ln -s p/f /o/l && ln -s /o/g /o/abs && chown -R 5:6 /o/p && chmod 700 /o/p\nFROM busybox\n'
const STAT = 'stat -c "%a %u %g %F"'

/** `RUN --mount`: what a step sees there, and what of it gets into the layer. */
export const RUN_MOUNT_CASES: readonly ParityCase[] = [
  runCase('bind: the context', `RUN --mount=type=bind,target=/c cat /c/a /c/d/f > /x`),
  runCase('bind: without a type', `RUN --mount=target=/c cat /c/a > /x`),
  runCase(
    'bind: a directory',
    `RUN --mount=type=bind,source=d,target=/c ls /c > /x; ls -ln /c/f | cut -c1-20 > /y`,
  ),
  runCase('bind: a directory with slashes', `RUN --mount=type=bind,source=/d/,target=/c/ ls /c > /x`),
  runCase('bind: a file', `RUN --mount=type=bind,source=a,target=/f cat /f > /x`),
  runCase(
    'bind: other names of its options',
    `RUN --mount=type=bind,src=a,dst=/f cat /f > /x\nRUN --mount=type=bind,src=b,destination=/f cat /f > /y`,
  ),
  runCase('bind: options in capitals', `RUN --mount=TYPE=bind,Source=a,Target=/f cat /f > /x`),
  runCase('bind: a type in capitals', `RUN --mount=type=BIND,source=a,target=/f cat /f > /x`),
  runCase(
    'bind: cannot be written',
    `RUN --mount=target=/c touch /c/n || echo refused > /x\nRUN --mount=target=/c,ro touch /c/n || echo refused > /y`,
  ),
  runCase(
    'bind: rw is dropped',
    `RUN --mount=target=/c,rw echo n > /c/n && cp /c/n /x && rm /c/a\nRUN --mount=target=/c ls /c/n || cp /c/a /y`,
  ),
  runCase(
    'bind: readwrite and its values',
    `RUN --mount=target=/c,readwrite touch /c/n && echo ok > /x\nRUN --mount=target=/c,rw=true touch /c/n && echo ok > /y\nRUN --mount=target=/c,rw=false touch /c/n || echo refused > /z`,
  ),
  runCase(
    'bind: rw of a stage is dropped',
    `${STAGE}RUN --mount=from=s,source=/o,target=/m,rw echo n > /m/n && cp /m/n /x\nRUN --mount=from=s,source=/o,target=/m ls /m > /y`,
  ),
  runCase('bind: ro=false', `RUN --mount=target=/c,readonly=false touch /c/n && echo ok > /x`),
  runCase(
    'bind: of a stage',
    `${STAGE}RUN --mount=type=bind,from=s,source=/o,target=/m cat /m/l > /x; ls -ln /m/p/f | cut -c1-20 > /y; ls /m > /z`,
  ),
  runCase('bind: all of a stage', `${STAGE}RUN --mount=from=s,target=/m ls /m > /x; cat /m/o/g > /y`),
  runCase('bind: a file of a stage', `${STAGE}RUN --mount=from=s,source=/o/g,target=/m cat /m > /x`),
  runCase('bind: by the number of a stage', `${STAGE}RUN --mount=from=0,source=/o,target=/m ls /m > /x`),
  runCase(
    'bind: by the name of a stage in capitals',
    `${STAGE}RUN --mount=from=S,source=/o,target=/m ls /m > /x`,
  ),
  runCase('bind: copied out of a stage', `${STAGE}RUN --mount=from=s,source=/o,target=/m cp -a /m /n`),
  runCase(
    'bind: a program of a stage',
    `${STAGE}RUN --mount=from=s,source=/bin,target=/tools /tools/busybox touch /x`,
  ),
  runCase('bind: a link of a stage', `${STAGE}RUN --mount=from=s,source=/o/l,target=/m cat /m > /x`),
  runCase(
    'bind: an absolute link of a stage',
    `${STAGE}RUN --mount=from=s,source=/o/abs,target=/m cat /m > /x`,
  ),
  runCase(
    'bind: of an image',
    `RUN --mount=from=busybox,source=/etc,target=/m cat /m/group | head -n 1 > /x`,
  ),
  runCase('bind: of scratch', `RUN --mount=from=scratch,target=/m ls -A /m > /x`),
  runCase('bind: of an empty directory', `${STAGE}RUN --mount=from=s,source=/e,target=/m ls -A /m > /x`),
  runCase('bind: a source that is not there', `RUN --mount=source=nothing,target=/m true`),
  runCase(
    'bind: a source of a stage that is not there',
    `${STAGE}RUN --mount=from=s,source=/nothing,target=/m true`,
  ),
  runCase('bind: of a stage that is not there', `RUN --mount=from=nosuchstage.invalid/x,target=/m true`),
  runCase('bind: of a stage to come', `RUN --mount=from=late,target=/m true\nFROM busybox AS late`),
  runCase('bind: a source above the context', `RUN --mount=source=../../d,target=/m ls /m > /x`),
  runCase('bind: a source that is ignored', `RUN --mount=target=/m ls /m/d > /x`, { ignore: 'd/f\n' }),
  runCase('bind: no target', `RUN --mount=type=bind,source=a true`),
  runCase('bind: an empty target', `RUN --mount=type=bind,source=a,target= true`),
  runCase('bind: the root as its target', `RUN --mount=type=bind,target=/ true`),
  runCase('bind: a relative target', `WORKDIR /w\nRUN --mount=source=d,target=m ls m > x; pwd > y`),
  runCase('bind: a relative target with dots', `WORKDIR /w/v\nRUN --mount=source=d,target=../m ls ../m > x`),
  runCase(
    'bind: on a directory of the image',
    `RUN mkdir /m && touch /m/old\nRUN --mount=source=d,target=/m ls /m > /x\nRUN ls /m > /y`,
  ),
  runCase(
    'bind: on a file of the image',
    `RUN --mount=source=a,target=/etc/group cp /etc/group /x\nRUN head -n 1 /etc/group > /y`,
  ),
  runCase('bind: a directory on a file', `RUN touch /m\nRUN --mount=source=d,target=/m ls /m > /x`),
  runCase('bind: a file on a directory', `RUN mkdir /m\nRUN --mount=source=a,target=/m cat /m > /x`),
  runCase(
    'bind: a target through a link',
    `RUN mkdir /r && ln -s r /l\nRUN --mount=source=d,target=/l/m ls /r/m > /x; ls /r > /y`,
  ),
  runCase(
    'bind: a target that is a link to a directory',
    `RUN mkdir /r && ln -s /r /l\nRUN --mount=source=d,target=/l ls /r > /x`,
  ),
  runCase(
    'bind: a target that is a link to a file',
    `RUN echo r > /r && ln -s /r /l\nRUN --mount=source=a,target=/l cat /r > /x`,
  ),
  runCase(
    'bind: a target that is a link to nothing',
    `RUN ln -s /r /l\nRUN --mount=source=d,target=/l ls /r > /x`,
  ),
  runCase(
    'bind: a link that leads above the root',
    `RUN ln -s ../../../r /l && mkdir /r\nRUN --mount=source=d,target=/l/m ls /r/m > /x`,
  ),
  runCase('bind: within /dev', `RUN --mount=source=d,target=/dev/m ls /dev/m > /x`),
  runCase('bind: within /proc', `RUN --mount=source=d,target=/proc/m ls /proc/m > /x`),
  runCase('bind: its place gets nothing into the layer', `RUN --mount=source=d,target=/new/deep/m true`),
  runCase(
    'bind: the place of a file gets nothing into the layer',
    `RUN --mount=source=a,target=/new/deep/f true`,
  ),
  runCase(
    'bind: beside its place something is written',
    `RUN --mount=source=d,target=/new/deep/m echo n > /new/deep/n`,
  ),
  runCase(
    'bind: above its place something is written',
    `RUN --mount=source=d,target=/new/deep/m echo n > /new/n; chmod 700 /new`,
  ),
  runCase('bind: its place in a directory of the image', `RUN --mount=source=d,target=/var/m touch /var/n`),
  runCase('bind: its place in a directory of the image, alone', `RUN --mount=source=d,target=/var/m true`),
  runCase(
    'bind: the directory above its place is removed after',
    `RUN --mount=source=d,target=/new/m true\nRUN ls -d /new || echo none > /x`,
  ),
  runCase(
    'bind: several',
    `RUN --mount=source=a,target=/1 --mount=source=b,target=/2 --mount=source=d,target=/3 cat /1 /2 /3/f > /x`,
  ),
  runCase('bind: one within another', `RUN --mount=target=/c --mount=source=d,target=/c/e ls /c/e > /x`),
  runCase(
    'bind: one within another, written the other way',
    `RUN --mount=source=d,target=/c/e --mount=target=/c ls /c/e > /x`,
  ),
  runCase('bind: two at one place', `RUN --mount=source=d,target=/c --mount=source=e,target=/c ls /c > /x`),
  runCase(
    'bind: a file in a mounted directory',
    `RUN --mount=type=tmpfs,target=/t --mount=source=a,target=/t/in/a cat /t/in/a > /x`,
  ),
  runCase('bind: variables', `ARG D=d\nENV T=/t\nRUN --mount=source=\${D},target=$T/m ls /t/m > /x`),
  runCase('bind: a variable in from', `ARG S=s\n${STAGE}RUN --mount=from=$S,target=/m true`, {
    apart: { parts: ['outcome'], why: 'variables in from are served here' },
  }),
  runCase('bind: an option that is not known', `RUN --mount=type=bind,target=/m,nothing=1 true`),
  runCase('bind: a size', `RUN --mount=type=bind,target=/m,size=1m true`),
  runCase('bind: an id', `RUN --mount=type=bind,target=/m,id=x ls /m/a > /x`),
  runCase('bind: a uid', `RUN --mount=type=bind,target=/m,uid=5 true`),
  runCase('bind: a mode', `RUN --mount=type=bind,target=/m,mode=0755 true`),
  runCase('bind: sharing', `RUN --mount=type=bind,target=/m,sharing=shared true`),
  runCase('a type that is not known', `RUN --mount=type=volume,target=/m true`),
  runCase(
    'cache: written and read',
    `RUN --mount=type=cache,target=/c echo a > /c/f\nRUN --mount=type=cache,target=/c cat /c/f > /x\nRUN ls -d /c || echo none > /y`,
  ),
  runCase(
    'cache: by id',
    `RUN --mount=type=cache,id=i,target=/c echo a > /c/f\nRUN --mount=type=cache,id=i,target=/other cat /other/f > /x`,
  ),
  runCase(
    'cache: an id from the target',
    `RUN --mount=type=cache,target=/c/ echo a > /c/f\nRUN --mount=type=cache,target=/d/../c cat /c/f > /x\nRUN --mount=type=cache,target=/other,id=/c cat /other/f > /y`,
  ),
  runCase(
    'cache: not shared between ids',
    `RUN --mount=type=cache,id=i,target=/c echo a > /c/f\nRUN --mount=type=cache,id=j,target=/c ls -A /c > /x`,
  ),
  runCase(
    'cache: owner and mode',
    `RUN --mount=type=cache,target=/c,id=o,uid=5,gid=6,mode=0700 ${STAT} /c > /x\nRUN --mount=type=cache,target=/d ${STAT} /d > /y`,
  ),
  runCase('cache: a mode without a zero', `RUN --mount=type=cache,target=/c,mode=711 ${STAT} /c > /x`),
  runCase('cache: a mode that is none', `RUN --mount=type=cache,target=/c,mode=rwx true`),
  runCase(
    'cache: for an ordinary user',
    `USER 1000\nRUN --mount=type=cache,target=/c,id=m,uid=1000 touch /c/f && ls -ln /c/f | cut -c1-20 > /tmp/x\nRUN --mount=type=cache,target=/d touch /d/f || echo refused > /tmp/y`,
  ),
  runCase(
    'cache: a mode of all, for an ordinary user',
    `USER 1000\nRUN --mount=type=cache,target=/c,mode=0777 touch /c/f && ${STAT} /c > /tmp/x`,
    {
      apart: {
        parts: ['outcome'],
        why: "the daemon of Docker takes its umask off this mode, BuildKit's own daemon has none",
      },
    },
  ),
  runCase(
    'cache: from a stage',
    `${STAGE}RUN --mount=type=cache,target=/c,from=s,source=/o cat /c/g > /x; echo n > /c/n; ${STAT} /c /c/p > /y\nRUN --mount=type=cache,target=/c,from=s,source=/o ls /c > /z`,
  ),
  runCase(
    'cache: from a stage, with an owner',
    `${STAGE}RUN --mount=type=cache,target=/c,from=s,source=/o,uid=9,mode=0711 ${STAT} /c /c/p > /y`,
  ),
  runCase('cache: a source without from', `RUN --mount=type=cache,target=/c,source=sub true`),
  runCase(
    'cache: a source of a stage that is not there',
    `${STAGE}RUN --mount=type=cache,target=/c,from=s,source=/nothing true`,
  ),
  runCase(
    'cache: read-only',
    `RUN --mount=type=cache,target=/c,id=r echo a > /c/f\nRUN --mount=type=cache,target=/c,id=r,ro cat /c/f > /x; touch /c/g || echo refused > /y`,
  ),
  runCase(
    'cache: sharing',
    `RUN --mount=type=cache,target=/c,sharing=locked touch /c/a\nRUN --mount=type=cache,target=/c,sharing=private ls -A /c > /x\nRUN --mount=type=cache,target=/c,sharing=shared ls -A /c > /y`,
  ),
  runCase('cache: sharing that is not known', `RUN --mount=type=cache,target=/c,sharing=some true`),
  runCase(
    'cache: the same one at two places',
    `RUN --mount=type=cache,id=t,target=/a --mount=type=cache,id=t,target=/b echo x > /a/f; cat /b/f > /x`,
  ),
  runCase(
    'cache: its place is not in the layer',
    `RUN --mount=type=cache,target=/root/.cache/tool touch /root/.cache/tool/f`,
  ),
  runCase(
    'cache: over a directory of the image',
    `RUN mkdir /c && echo image > /c/f\nRUN --mount=type=cache,target=/c ls -A /c > /x; echo cache > /c/f\nRUN cat /c/f > /y`,
  ),
  runCase('cache: no target', `RUN --mount=type=cache,id=x true`),
  runCase('cache: a relative target', `WORKDIR /w\nRUN --mount=type=cache,target=c touch c/f; ls > /x`),
  runCase('cache: rw', `RUN --mount=type=cache,target=/c,rw touch /c/f && echo ok > /x`),
  runCase(
    'cache: variables',
    `ARG I=one\nRUN --mount=type=cache,id=v-$I,target=/c echo a > /c/f\nRUN --mount=type=cache,id=v-one,target=/c cat /c/f > /x`,
  ),
  runCase(
    'tmpfs',
    `RUN --mount=type=tmpfs,target=/t echo a > /t/f && ${STAT} /t > /x && stat -f -c %T /t >> /x\nRUN ls -d /t || echo none > /y`,
  ),
  runCase(
    'tmpfs: over a directory of the image',
    `RUN --mount=type=tmpfs,target=/etc ls -A /etc > /x; touch /etc/n\nRUN ls /etc/passwd > /y`,
  ),
  runCase(
    'tmpfs: size',
    `RUN --mount=type=tmpfs,target=/t,size=1m dd if=/dev/zero of=/t/f bs=1k count=2000 || ls -l /t/f | tr -s ' ' | cut -d' ' -f5 > /x`,
  ),
  runCase(
    'tmpfs: size with a unit',
    `RUN --mount=type=tmpfs,target=/t,size=2MB df -k /t | tail -n 1 | tr -s ' ' | cut -d' ' -f2 > /x`,
  ),
  runCase('tmpfs: size that is none', `RUN --mount=type=tmpfs,target=/t,size=much true`),
  runCase(
    'tmpfs: for an ordinary user',
    `USER 1000\nRUN --mount=type=tmpfs,target=/t touch /t/f && ${STAT} /t > /tmp/x`,
  ),
  runCase(
    'tmpfs: programs in it run',
    `RUN --mount=type=tmpfs,target=/t cp /bin/busybox /t/touch && /t/touch /x`,
  ),
  runCase(
    'tmpfs: devices in it',
    `RUN --mount=type=tmpfs,target=/t mknod /t/n c 1 3 && { echo a > /t/n && echo works > /x || echo refused > /x; }`,
    { needs: 'runtime' },
  ),
  runCase(
    'tmpfs: its options',
    `RUN --mount=type=tmpfs,target=/t grep ' /t ' /proc/mounts | cut -d' ' -f3-4 | sed 's/,inode64//' > /x`,
    { needs: 'runtime' },
  ),
  runCase('tmpfs: a source', `RUN --mount=type=tmpfs,target=/t,source=x true`),
  runCase('tmpfs: from', `RUN --mount=type=tmpfs,target=/t,from=busybox true`),
  runCase('tmpfs: read-only', `RUN --mount=type=tmpfs,target=/t,ro touch /t/f && echo ok > /x`),
  runCase(
    'tmpfs: at /dev/shm',
    `RUN --mount=type=tmpfs,target=/dev/shm,size=3m df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d' ' -f2 > /x`,
  ),
  runCase(
    'tmpfs: at /tmp',
    `RUN touch /tmp/before\nRUN --mount=type=tmpfs,target=/tmp ls -A /tmp > /x; touch /tmp/during; ${STAT} /tmp > /y`,
  ),
  runCase(
    'secret: its default place',
    `RUN --mount=type=secret,id=tok cat /run/secrets/tok > /x; ${STAT} /run/secrets/tok /run/secrets > /y; ls /run > /z\nRUN ls /run/secrets || echo none > /w`,
    SECRETS,
  ),
  runCase('secret: a target', `RUN --mount=type=secret,id=tok,target=/s/t cat /s/t > /x`, SECRETS),
  runCase(
    'secret: a relative target',
    `WORKDIR /w\nRUN --mount=type=secret,id=tok,target=t cat t > /x; ls /w > /y`,
    SECRETS,
  ),
  runCase(
    'secret: an id from the target',
    `RUN --mount=type=secret,target=/some/tok cat /some/tok > /x`,
    SECRETS,
  ),
  runCase('secret: neither id nor target', `RUN --mount=type=secret true`, SECRETS),
  runCase(
    'secret: mode and owner',
    `RUN --mount=type=secret,id=tok,mode=0440,uid=5,gid=6 ${STAT} /run/secrets/tok > /x`,
    SECRETS,
  ),
  runCase(
    'secret: for an ordinary user',
    `USER 1000\nRUN --mount=type=secret,id=tok cat /run/secrets/tok > /tmp/x || echo refused > /tmp/y\nRUN --mount=type=secret,id=tok,uid=1000 cat /run/secrets/tok > /tmp/z`,
    SECRETS,
  ),
  runCase(
    'secret: cannot be written',
    `RUN --mount=type=secret,id=tok echo n > /run/secrets/tok || echo refused > /x`,
    SECRETS,
  ),
  runCase(
    'secret: a variable',
    `RUN --mount=type=secret,id=tok,env=TOK echo "[$TOK]" > /x; ls /run/secrets || echo none > /y`,
    SECRETS,
  ),
  runCase(
    'secret: a variable over ENV',
    `ENV TOK=env\nRUN --mount=type=secret,id=bare,env=TOK echo "[$TOK]" > /x`,
    SECRETS,
  ),
  runCase(
    'secret: a variable and a file',
    `RUN --mount=type=secret,id=bare,env=TOK,target=/s echo "[$TOK]" > /x; cat /s > /y`,
    SECRETS,
  ),
  runCase(
    'secret: a variable that is missing',
    `RUN --mount=type=secret,id=absent,env=TOK env | grep -c ^TOK= > /x; true`,
    SECRETS,
  ),
  runCase('secret: missing', `RUN --mount=type=secret,id=absent ls /run/secrets || echo none > /x`, SECRETS),
  runCase('secret: missing and required', `RUN --mount=type=secret,id=absent,required=true true`, SECRETS),
  runCase(
    'secret: there and required',
    `RUN --mount=type=secret,id=tok,required cat /run/secrets/tok > /x`,
    SECRETS,
  ),
  runCase(
    'secret: over a file of the image',
    `RUN --mount=type=secret,id=tok,target=/etc/group cp /etc/group /x\nRUN head -n 1 /etc/group > /y`,
    SECRETS,
  ),
  runCase(
    'secret: two',
    `RUN --mount=type=secret,id=tok --mount=type=secret,id=bare cat /run/secrets/tok /run/secrets/bare > /x; ls /run/secrets > /y`,
    SECRETS,
  ),
  runCase(
    'secret: its options of mounting',
    `RUN --mount=type=secret,id=tok grep ' /run/secrets/tok ' /proc/mounts | cut -d' ' -f3-4 | tr , '\\n' | grep -e ^ro -e ^nosuid -e ^nodev -e ^noexec | sort > /x`,
    SECRETS,
  ),
  runCase('ssh: missing', `RUN --mount=type=ssh echo "[$SSH_AUTH_SOCK]" > /x`),
  runCase('ssh: missing and required', `RUN --mount=type=ssh,required=true true`),
  runCase(
    'mounts of a here-document',
    `RUN --mount=type=cache,target=/c --mount=target=/m <<EOF\ncp /m/a /c/a\ncp /c/a /x\nEOF`,
  ),
  runCase('mounts: required=what', `RUN --mount=type=secret,id=a,required=maybe true`),
  runCase('mounts: the same flag twice in one', `RUN --mount=type=bind,target=/a,target=/b ls /b/a > /x`),
  runCase('mounts: with quotes', `RUN --mount="type=bind,target=/c" cat /c/a > /x`),
  runCase('mounts: a comma in a value', `RUN --mount=type=bind,"source=a,b",target=/c cat /c > /x`, {
    files: { 'a,b': 'comma\n' },
  }),
  runCase('mounts: on ONBUILD', `FROM busybox AS a\nONBUILD RUN --mount=target=/c cp /c/a /x\nFROM a`),
]
