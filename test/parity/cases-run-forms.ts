import type { ParityCase } from './parity-case.js'
import { runCase } from './run-case.js'

/** How a command is written: words for a shell, a list, here-documents, SHELL. */
export const RUN_FORM_CASES: readonly ParityCase[] = [
  runCase('shell: words stay as they are written', `RUN   echo   "a   b"    c  >  /x  `),
  runCase('shell: quotes', `RUN echo 'single $HOME' "double $HOME" back\\\\slash \\$HOME > /x`),
  runCase('shell: lines go on', `RUN echo a \\\n    b \\\n\tc > /x && \\\n  echo d > /y`),
  runCase('shell: comments and blank lines between lines', `RUN echo a \\\n# no\n\n  # neither\n  b > /x`),
  runCase('shell: a hash within a line', `RUN echo a # b > /no\nRUN echo "# c" > /x`),
  runCase('shell: another escape character', '# escape=`\nFROM busybox\nRUN echo a `\n  b\\c > /x'),
  runCase('shell: blanks behind the escape', `RUN echo a \\  \n  b > /x`),
  runCase('shell: an escape within a word', `RUN echo ab\\\ncd > /x`),
  runCase('shell: operators', `RUN false || echo a > /x; true && echo b >> /x; (echo c; echo d) | cat >> /x`),
  runCase('shell: the builder expands nothing', `ENV A=1\nARG B=2\nRUN echo $A \${B} \${C:-c} '$A' > /x`),
  runCase('shell: $0 and arguments', `RUN echo "$0 $# [$*]" > /x`),
  runCase('shell: characters of Go that JSON writes apart', `RUN echo "<a> & 'b' \u00e9 \u{1f980}" > /x`),
  runCase('shell: a tab', `RUN\techo\ta\t> /x`),
  runCase('shell: lower-case instruction', `run echo a > /x`),
  runCase('shell: a list with single quotes is no list', `RUN ['echo', 'a'] || echo b > /x`),
  runCase('shell: a list that is cut short', `RUN [ "a" = "a" ] && echo same > /x`),
  runCase('shell: a list with more behind it', `RUN ["true"] || echo not json > /x`),
  runCase('shell: a carriage return ends lines', `RUN echo a > /x\r\nRUN echo b \\\r\n c > /y\r`),
  runCase('shell: -e is not set', `RUN false; echo a > /x`),
  runCase('shell: pipes hide failures', `RUN false | cat > /x`),
  runCase(
    'shell: a variable of the shell alone',
    `RUN A=1; echo $A > /x; export B=2; env | grep ^B= > /y\nRUN echo "[$A$B]" > /z`,
  ),
  runCase('exec: words with blanks', `RUN ["/bin/sh", "-c", "echo $0 \\"$1\\" > /x", "zero", "a  b"]`),
  runCase(
    'exec: escapes of JSON',
    `RUN ["/bin/sh", "-c", "printf '%s' 'tab\\tline\\nu\\u00e9\\u003c\\\\\\\\' > /x"]`,
  ),
  runCase('exec: variables are not expanded', `ENV A=1\nRUN ["touch", "/$A", "/\${A}"]`),
  runCase('exec: over several lines', `RUN ["touch", \\\n  "/a", \\\n  "/b"]`),
  runCase('exec: an empty word', `RUN ["/bin/sh", "-c", "echo $# [$1] > /x", "", "", "b"]`),
  runCase(
    'exec: a program beside the working directory',
    `WORKDIR /w\nRUN printf '#!/bin/sh\\necho "$0" > /x' > p && chmod +x p\nRUN ["./p"]`,
  ),
  runCase(
    'exec: a program in a directory of the working directory',
    `WORKDIR /w\nRUN mkdir d && printf '#!/bin/sh\\necho "$0" > /x' > d/p && chmod +x d/p\nRUN ["d/p"]`,
  ),
  runCase(
    'exec: found in PATH of ENV',
    `RUN mkdir /o && printf '#!/bin/sh\\necho "$0" > /x' > /o/prog && chmod +x /o/prog\nENV PATH=/o:/bin\nRUN ["prog"]`,
  ),
  runCase(
    'exec: PATH with an element that is not executable first',
    `RUN mkdir /o /q && echo x > /o/prog && printf '#!/bin/sh\\necho "$0" > /x' > /q/prog && chmod +x /q/prog\nENV PATH=/o:/q:/bin\nRUN ["prog"]`,
  ),
  runCase(
    'exec: PATH with a directory of that name first',
    `RUN mkdir -p /o/prog /q && printf '#!/bin/sh\\necho "$0" > /x' > /q/prog && chmod +x /q/prog\nENV PATH=/o:/q:/bin\nRUN ["prog"]`,
  ),
  runCase('exec: a link to a program', `RUN ln -s /bin/busybox /touch\nRUN ["/touch", "/x"]`),
  runCase(
    'exec: a script with arguments of its interpreter',
    `RUN printf '#!/bin/sh -x\\necho "$0 $1" > /x' > /p && chmod +x /p\nRUN ["/p", "a"]`,
  ),
  runCase('a list that has only a program', `RUN ["true"]`),
  runCase('here-document: a script', `RUN <<EOF\necho a > /a\necho b > /b\nEOF`),
  runCase('here-document: fails only by its last line', `RUN <<EOF\nfalse\necho b > /b\nEOF`),
  runCase('here-document: set -e', `RUN <<EOF\nset -e\necho b > /b\nfalse\necho c > /c\nEOF`),
  runCase('here-document: empty', `RUN <<EOF\nEOF`),
  runCase(
    'here-document: blank lines and comments stay',
    `RUN <<EOF\n\n# comment\necho a > /a\n\n\necho "# b" > /b\nEOF`,
  ),
  runCase(
    "here-document: variables are the shell's",
    `ENV A=env\nARG B=arg\nRUN <<EOF\nC=shell\necho "$A $B $C \${D:-d}" > /x\nEOF`,
  ),
  runCase(
    'here-document: a quoted mark',
    `ENV A=env\nRUN <<"EOF"\necho "$A" > /x\nEOF\nRUN <<'EOF'\necho "$A" > /y\nEOF`,
  ),
  runCase('here-document: backslashes', `RUN <<EOF\necho a \\\n  b > /x\nprintf 'a\\tb\\\\n' > /y\nEOF`),
  runCase(
    'here-document: tabs taken away',
    `RUN <<-EOF\n\techo a > /a\n\t\tif true; then\n\t\t\techo b > /b\n\t\tfi\n\tEOF`,
  ),
  runCase('here-document: tabs of a text within', `RUN <<-EOF\n\tcat > /x <<-IN\n\t\tinner\n\tIN\n\tEOF`),
  runCase('here-document: one within a script', `RUN <<EOF\ncat > /x <<IN\ninner $HOME\nIN\nEOF`),
  runCase(
    'here-document: #! of a shell',
    `RUN <<EOF\n#!/bin/sh\necho "$0 $#" > /x\nls -l "$0" | cut -c1-10 > /y\nls -ld /dev/pipes | cut -c1-10 > /z\nEOF`,
  ),
  runCase(
    'here-document: #! and tabs taken away',
    `RUN <<-EOF\n\t#!/bin/sh\n\techo a > /x\n\tcp $0 /y\n\tEOF`,
    {
      apart: {
        parts: ['layers', 'history', 'manifest'],
        why: 'since Dockerfile 1.21 the tabs are taken away first',
      },
    },
  ),
  runCase('here-document: #! of awk', `RUN <<PROG\n#!/bin/awk -f\nBEGIN { print "a" > "/x" }\nPROG`),
  runCase('here-document: #! after a blank line is none', `RUN <<EOF\n\n#!/bin/awk -f\necho a > /x\nEOF`),
  runCase(
    'here-document: #! with a name of its own',
    `RUN <<my.script-1\n#!/bin/sh\necho "$0" > /x\nmy.script-1`,
  ),
  runCase(
    'here-document: #! of the step leaves nothing in /dev',
    `RUN <<EOF\n#!/bin/sh\ntrue\nEOF\nRUN ls -d /dev/pipes > /x; true`,
  ),
  runCase(
    'here-document: #! as an ordinary user',
    `USER 1000:1000\nWORKDIR /w\nRUN <<EOF\n#!/bin/sh\nid -u > x; pwd >> x\ncat "$0" >> x\nEOF`,
  ),
  runCase('here-document: #! of an interpreter that is not there', `RUN <<EOF\n#!/no/such\necho\nEOF`),
  runCase('here-document: words before it', `RUN cat <<EOF > /x\na $HOME\nEOF`),
  runCase('here-document: words before it and a quoted mark', `RUN cat <<'EOF' > /x\na $HOME \\$b\nEOF`),
  runCase('here-document: two as input', `RUN cat <<A - > /x && cat <<B > /y\none\nA\ntwo\nB`),
  runCase('here-document: two for one command', `RUN cat <<A <<B > /x\none\nA\ntwo\nB`),
  runCase('here-document: two alone', `RUN <<A <<B\necho one > /x\nA\necho two > /y\nB`),
  runCase('here-document: by descriptors', `RUN cat 3<<A 4<<B <&3 > /x; true\none\nA\ntwo\nB`),
  runCase('here-document: tabs taken away, with words before it', `RUN cat <<-EOF > /x\n\ta\n\t\tb\n\tEOF`),
  runCase('here-document: another interpreter behind it', `RUN <<EOF sh\necho "$0" > /x\nEOF`),
  runCase('here-document: awk behind it', `RUN <<EOF awk -f /dev/stdin > /x\nBEGIN { print "awk" }\nEOF`),
  runCase('here-document: in a list of commands', `RUN true && cat <<EOF > /x && echo after > /y\nbody\nEOF`),
  runCase('here-document: behind continued lines', `RUN true \\\n && cat <<EOF > /x\nbody\nEOF`),
  runCase(
    'here-document: body looks like instructions',
    `RUN <<EOF\ncat > /x <<IN\nFROM nowhere\nRUN false\nIN\nEOF`,
  ),
  runCase('here-document: exec form takes none', `RUN ["/bin/sh", "-c", "cat <<EOF > /x\\na\\nEOF"]`),
  runCase('here-document: << within quotes is none', `RUN echo "<<EOF" > /x`),
  runCase('here-document: <<< is none', `RUN echo 'a<<<b' > /x`),
  runCase('here-document: arithmetic is none', `RUN echo $((1 << 2)) > /x`),
  runCase(
    'here-document: with flags',
    `RUN --network=none --mount=type=tmpfs,target=/t <<EOF\necho a > /t/a\ncp /t/a /x\nEOF`,
  ),
  runCase('here-document: in SHELL of lists', `SHELL ["/bin/sh", "-euc"]\nRUN <<EOF\necho $- > /x\nEOF`),
  runCase(
    'here-document: with Node',
    `FROM debian-node\nRUN <<EOF node\nrequire('fs').writeFileSync('/x', 'node ' + process.argv.length)\nEOF`,
  ),
  runCase(
    'here-document: #! of Node',
    `FROM debian-node\nRUN <<EOF\n#!/usr/bin/env node\nrequire('fs').writeFileSync('/x', process.argv[1])\nEOF`,
  ),
  runCase(
    'here-document: #! of bash',
    `FROM debian\nRUN <<EOF\n#!/bin/bash\nset -o pipefail\n[[ a == a ]] && echo "\${BASH_SOURCE[0]}" > /x\nEOF`,
  ),
  runCase(
    'SHELL: bash with options',
    `FROM debian\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN [[ -o pipefail ]] && echo {a,b} > /x\nCMD echo $x\nENTRYPOINT echo y`,
  ),
  runCase(
    'SHELL: pipefail fails',
    `FROM debian\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN false | cat`,
  ),
  runCase('SHELL: a program that is no shell', `SHELL ["/bin/echo", "a"]\nRUN b > /x`),
  runCase('SHELL: a single word', `SHELL ["/bin/touch"]\nRUN /x`),
  runCase('SHELL: found in PATH', `SHELL ["ash", "-c"]\nRUN echo $0 > /x`),
  runCase(
    'SHELL: changed twice',
    `SHELL ["/bin/sh", "-ec"]\nRUN echo $- > /x\nSHELL ["/bin/sh", "-c"]\nRUN echo $- > /y`,
  ),
  runCase(
    "SHELL: a script of one's own",
    `RUN printf '#!/bin/sh\\necho "[$*]" > /x' > /myshell && chmod +x /myshell\nSHELL ["/myshell", "-f"]\nRUN a "b c" $d`,
  ),
  runCase(
    'SHELL: inherited by a stage',
    `FROM busybox AS a\nSHELL ["/bin/sh", "-uc"]\nFROM a\nRUN echo $- > /x`,
  ),
  runCase('SHELL: awk', `SHELL ["/bin/awk"]\nRUN BEGIN { print "x" > "/x" }`),
  runCase('SHELL: not as a list', `SHELL /bin/sh -c\nRUN true`),
  runCase('SHELL: empty', `SHELL []\nRUN true`),
  runCase(
    'SHELL: with CMD and ENTRYPOINT before and after',
    `CMD a\nENTRYPOINT b\nSHELL ["/bin/sh", "-xc"]\nRUN true\nCMD c d`,
  ),
]
