import { constants } from 'node:fs'
import { type KnownArch, syscallNumbers } from '../seccomp/syscall-numbers.js'
import { PERL_BASICS } from './perl-basics.js'
import { PERL_FILES } from './perl-files.js'
import { PERL_MAIN } from './perl-main.js'
import { PERL_PROCESS } from './perl-process.js'
import { PERL_SERVER } from './perl-server.js'
import { PERL_SUBSTITUTE } from './perl-substitute.js'
import { PERL_USER_NAMESPACE } from './perl-user-namespace.js'

/**
 * Node cannot mount, unshare, pivot or filter system calls. perl can make any system call, is one of the few programs
 * that every Debian and Ubuntu has (perl-base), and needs no module for it: so what happens between the builder and the
 * container is one small program, which does what a list of operations says and decides nothing itself.
 */
export function initProgram(arch: KnownArch, mode: InitMode): string {
  const parts = [PERL_USER_NAMESPACE, PERL_FILES, PERL_SUBSTITUTE, PERL_PROCESS, PERL_MAIN, PERL_SERVER]
  return withNumbers(arch, `${parts.join('')}\n${callOf(mode)};\n`)
}

export interface InitMode {
  /** One request, or as many as come. */
  readonly mode: 'once' | 'serve'
  /** The process that starts it, without which it ends. */
  readonly builder: number
  /** Containers of which are to be in this group. */
  readonly group?: { readonly directory: string; readonly program?: Uint8Array }
}

function callOf({ mode, builder, group }: InitMode): string {
  if (group === undefined) return `${mode}(${builder})`
  const hex = [Buffer.from(group.directory), Buffer.from(group.program ?? [])].map((bytes) =>
    bytes.toString('hex'),
  )
  return `serve_in_group(${builder}, ${hex.map((text) => `'${text}'`).join(', ')})`
}

/** A program with what it needs of this processor: the numbers of its calls, and a flag that is not the same on all. */
export function withNumbers(arch: KnownArch, program: string): string {
  const text = `${PERL_BASICS}${program}`
  const called = new Set([...text.matchAll(/(?:\bcall\('|\$number\{)(\w+)/g)].map(([, name]) => name))
  const numbers = [...syscallNumbers(arch)].filter(([name]) => called.has(name))
  const table = numbers.map(([name, number]) => `${name} => ${number}`).join(', ')
  return `our %number = (${table});\nour $no_follow = ${constants.O_NOFOLLOW};\n${text}`
}

/** Reads a program from descriptor 3, as `encodeRequest` writes it there: a command line is for everybody to see. */
export const BOOTSTRAP: string = `
open(my $in, '<&=', 3) or exit 125;
my ($head, $text) = ('', '');
while (length($head) < 4) { sysread($in, $head, 4 - length($head), length($head)) or exit 125 }
my $size = unpack('N', $head);
while (length($text) < $size) { sysread($in, $text, $size - length($text), length($text)) or exit 125 }
eval $text;
print STDERR $@;
exit 125;
`.trim()
