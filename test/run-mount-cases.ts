import type { RunCase } from './run-cases.js'

const CONTEXT = { 'a.txt': 'a\n', 'd/b.txt': 'b\n', 'd/e/c.txt': 'c\n', Dockerfile: '' }

/** The BuildKit of this Docker has no secrets in variables yet. */
const NEWER = { why: 'newer releases of BuildKit know it', parts: ['outcome'] } as const

/** Cases with `--mount`. */
export const RUN_MOUNT_CASES: readonly RunCase[] = [
  {
    name: 'bind: the context',
    context: CONTEXT,
    dockerfile: 'RUN --mount=target=/ctx cp -r /ctx/d /out && ls /ctx | sort > /ls',
  },
  {
    name: 'bind: is read-only',
    context: CONTEXT,
    dockerfile: 'RUN --mount=type=bind,target=/ctx touch /ctx/x || echo refused > /x',
  },
  {
    name: 'bind: what is written to it is dropped',
    context: CONTEXT,
    dockerfile:
      'RUN --mount=type=bind,target=/ctx,rw echo x > /ctx/x && rm /ctx/a.txt && ls /ctx > /ls\nRUN --mount=type=bind,target=/ctx ls /ctx > /ls2',
  },
  {
    name: 'bind: a file',
    context: CONTEXT,
    dockerfile: 'RUN --mount=type=bind,source=d/b.txt,target=/etc/b cat /etc/b > /x',
  },
  {
    name: 'bind: a file on a file of the image',
    context: CONTEXT,
    dockerfile: 'RUN --mount=type=bind,source=a.txt,target=/etc/passwd cp /etc/passwd /x',
  },
  {
    name: 'bind: a directory on one of the image',
    context: CONTEXT,
    dockerfile: 'RUN --mount=type=bind,source=d,target=/etc ls /etc | sort > /x\nRUN ls /etc | sort > /y',
  },
  {
    name: 'bind: a stage',
    dockerfile:
      'FROM busybox AS a\nRUN mkdir -p /o/p && echo stage > /o/p/f && ln -s p/f /o/l\nFROM busybox\nRUN --mount=from=a,source=/o,target=/m cat /m/l > /x; cp -a /m /n',
  },
  {
    name: 'bind: a whole stage',
    dockerfile:
      'FROM busybox AS a\nRUN echo stage > /f\nFROM busybox\nRUN --mount=from=a,target=/m cat /m/f /m/etc/passwd > /x',
  },
  { name: 'bind: an image', dockerfile: 'RUN --mount=from=busybox,source=/etc,target=/m ls /m | sort > /x' },
  {
    name: 'bind: through a link of its source',
    dockerfile:
      'FROM busybox AS a\nRUN mkdir /real && echo r > /real/f && ln -s /real /link\nFROM busybox\nRUN --mount=from=a,source=/link,target=/m cat /m/f > /x',
  },
  {
    name: 'bind: the source is not there',
    fails: true,
    context: CONTEXT,
    dockerfile: 'RUN --mount=source=nothing,target=/m true',
  },
  {
    name: 'bind: a relative target',
    context: CONTEXT,
    dockerfile: 'WORKDIR /w\nRUN --mount=source=d,target=m ls m > x',
  },
  {
    name: 'bind: a target through a link',
    context: CONTEXT,
    dockerfile: 'RUN mkdir /real && ln -s real /link\nRUN --mount=source=d,target=/link/m ls /real/m > /x',
  },
  {
    name: 'bind: variables',
    context: CONTEXT,
    buildArgs: { W: 'd' },
    dockerfile: 'ARG W\nRUN --mount=source=$W,target=/m ls /m > /x',
  },
  {
    name: 'bind: two, one within the other',
    context: CONTEXT,
    dockerfile: 'RUN --mount=source=d,target=/m/n --mount=type=tmpfs,target=/m ls /m /m/n > /x',
  },
  {
    name: 'the place of a mount is not in the image',
    context: CONTEXT,
    dockerfile: 'RUN --mount=target=/a/b/c touch /x',
  },
  {
    name: 'the place of a mount has neighbours',
    context: CONTEXT,
    dockerfile: 'RUN --mount=target=/a/b/c touch /a/b/n',
  },
  {
    name: 'the place of a mount is there already',
    context: CONTEXT,
    dockerfile: 'RUN mkdir -p /a/b && touch /a/b/f\nRUN --mount=target=/a/b ls /a/b > /x\nRUN ls /a/b > /y',
  },
  {
    name: 'cache: keeps what a step wrote',
    dockerfile:
      'RUN --mount=type=cache,target=/c,id=keep rm -rf /c/* && echo one > /c/f\nRUN --mount=type=cache,target=/other,id=keep cat /other/f > /x',
  },
  {
    name: 'cache: an own id for each',
    dockerfile:
      'RUN --mount=type=cache,target=/c1 rm -rf /c1/*; echo one > /c1/f\nRUN --mount=type=cache,target=/c2 rm -rf /c2/f2; ls /c2 > /x',
  },
  {
    name: 'cache: mode and owner',
    dockerfile:
      'RUN --mount=type=cache,target=/c,id=owned,uid=5,gid=6,mode=0700 stat -c "%a %u %g" /c > /x\nRUN --mount=type=cache,target=/d,id=plain2 stat -c "%a %u %g" /d > /y',
  },
  {
    name: 'cache: read-only',
    dockerfile: 'RUN --mount=type=cache,target=/c,id=ro,ro touch /c/f || echo refused > /x',
  },
  {
    name: 'cache: begins with a stage',
    dockerfile:
      'FROM busybox AS a\nRUN mkdir /seed && echo seed > /seed/f\nFROM busybox\nRUN --mount=type=cache,target=/c,id=seeded,from=a,source=/seed cat /c/f > /x',
  },
  {
    name: 'cache: an owner, and nothing to begin with, of what from names',
    dockerfile:
      'FROM busybox AS a\nRUN echo seed > /f\nFROM busybox\nRUN --mount=type=cache,target=/c,id=ownroot,from=a,uid=5 ls -A /c > /x; stat -c "%a %u %g" /c > /y',
  },
  {
    name: 'cache: a relative target names the same one in another directory',
    dockerfile:
      'WORKDIR /w\nRUN --mount=type=cache,target=rel-c echo a > rel-c/f\nWORKDIR /v\nRUN --mount=type=cache,target=rel-c ls rel-c > /x',
  },
  {
    name: 'the environment is in the order in which it was set last',
    dockerfile:
      "FROM busybox AS a\nENV A=1 B=2\nENV A=4\nRUN cat /proc/$$/environ | tr '\\0' '\\n' > /x\nFROM a\nARG D=5\nRUN cat /proc/$$/environ | tr '\\0' '\\n' > /y",
  },
  {
    name: 'cache: sharing',
    dockerfile:
      'RUN --mount=type=cache,target=/a,id=s1,sharing=locked --mount=type=cache,target=/b,id=s2,sharing=private touch /a/x /b/x && ls /a /b > /x',
  },
  {
    name: 'cache: the same one twice',
    dockerfile:
      'RUN --mount=type=cache,target=/a,id=tw --mount=type=cache,target=/b,id=tw rm -f /a/*; echo x > /a/f; cat /b/f > /x',
  },
  {
    name: 'tmpfs',
    dockerfile:
      'RUN --mount=type=tmpfs,target=/t echo x > /t/f && stat -f -c %T /t > /x\nRUN ls -d /t 2> /dev/null || echo gone > /y',
  },
  {
    name: 'tmpfs: hides what the image has',
    dockerfile: 'RUN --mount=type=tmpfs,target=/etc ls /etc > /x; touch /etc/n\nRUN ls /etc/passwd > /y',
  },
  {
    name: 'tmpfs: size',
    dockerfile:
      'RUN --mount=type=tmpfs,target=/t,size=1m df -k /t | tail -n 1 | tr -s " " | cut -d" " -f2 > /x',
  },
  {
    name: 'secret: a file',
    secrets: { tok: 'value\n' },
    dockerfile: 'RUN --mount=type=secret,id=tok stat -c "%a %u %g %s" /run/secrets/tok > /x; ls /run > /y',
  },
  {
    name: 'secret: its place, mode and owner',
    secrets: { tok: 'value' },
    dockerfile:
      'RUN --mount=type=secret,id=tok,target=/etc/app/tok,mode=0440,uid=5,gid=6 stat -c "%a %u %g %s" /etc/app/tok > /x; ls -d /etc/app > /y\nRUN ls -d /etc/app 2> /dev/null || echo gone > /z',
  },
  {
    name: 'secret: an id from the target',
    secrets: { tok: 'value' },
    dockerfile: 'RUN --mount=type=secret,target=/x/tok wc -c < /x/tok > /y',
  },
  {
    name: 'secret: a variable',
    secrets: { tok: 'value' },
    dockerfile:
      'RUN --mount=type=secret,id=tok,env=TOK echo ${#TOK} > /x; ls /run/secrets 2> /dev/null || echo no file > /y',
    apart: NEWER,
  },
  {
    name: 'secret: a variable and a file',
    secrets: { tok: 'value' },
    dockerfile: 'RUN --mount=type=secret,id=tok,env=TOK,target=/s wc -c < /s > /x; echo ${#TOK} > /y',
    apart: NEWER,
  },
  {
    name: 'secret: missing',
    dockerfile: 'RUN --mount=type=secret,id=absent ls /run/secrets 2> /dev/null || echo none > /x',
  },
  {
    name: 'secret: missing and required',
    fails: true,
    dockerfile: 'RUN --mount=type=secret,id=absent,required true',
  },
  {
    name: 'secret: cannot be written',
    secrets: { tok: 'value' },
    dockerfile: 'RUN --mount=type=secret,id=tok,mode=0666 echo x > /run/secrets/tok || echo refused > /x',
  },
  {
    name: 'ssh: missing',
    dockerfile:
      'RUN --mount=type=ssh echo "[$SSH_AUTH_SOCK]" > /x; ls /run/buildkit 2> /dev/null || echo none > /y',
  },
  { name: 'ssh: missing and required', fails: true, dockerfile: 'RUN --mount=type=ssh,required true' },
  { name: 'a target that is the root', fails: true, dockerfile: 'RUN --mount=type=tmpfs,target=/ true' },
  {
    name: 'a target below a file',
    fails: true,
    dockerfile: 'RUN --mount=type=tmpfs,target=/etc/passwd/x true',
  },
  { name: 'a step that fails', fails: true, dockerfile: 'RUN exit 3' },
  { name: 'a program that is not there', fails: true, dockerfile: 'RUN ["/no/such/program"]' },
  {
    name: 'a shell that is not there',
    fails: true,
    dockerfile: 'FROM scratch\nCOPY a.txt /\nRUN true',
    context: CONTEXT,
  },
  {
    name: 'a file that is no program',
    fails: true,
    dockerfile: 'RUN echo nonsense > /p && chmod +x /p\nRUN ["/p"]',
  },
  {
    name: 'a script without its interpreter',
    fails: true,
    dockerfile: 'RUN printf "#!/no/such/shell\\n" > /p && chmod +x /p\nRUN ["/p"]',
  },
]
