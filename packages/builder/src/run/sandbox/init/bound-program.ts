import { isKnownArch } from '../seccomp/syscall-numbers.js'
import { withNumbers } from './init-program.js'

/**
 * The beginning of a command line that runs its rest in a directory, so that an address of a socket there is short, and
 * outside of every namespace. It is killed when the thread that started it ends.
 */
export function boundCommand(directory: string): string[] {
  const { arch, pid } = process
  if (!isKnownArch(arch)) throw new TypeError(`no table of system calls for ${arch}`)
  return ['perl', '-f', '-e', withNumbers(arch, PROGRAM), String(pid), directory]
}

// PR_SET_NO_NEW_PRIVS: ssh-agent is often for another group, and execve(2) of such a program forgets whose end it was
// to share.
const PROGRAM = String.raw`
$control = \*STDERR;
my ($builder, $directory) = splice(@ARGV, 0, 2);
check(call('prctl', 38, 1, 0, 0, 0), 'prctl');
die_with_parent();
exit 125 if getppid() != $builder;
chdir($directory) or fail("enter $directory");
exec { $ARGV[0] } @ARGV;
fail("run $ARGV[0]");
`
