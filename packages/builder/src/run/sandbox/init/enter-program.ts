import type { HostTools } from '../host-tools.js'
import { type IdMaps, userNamespace } from '../id-maps.js'
import type { KnownArch } from '../seccomp/syscall-numbers.js'
import { withNumbers } from './init-program.js'
import { PERL_USER_NAMESPACE } from './perl-user-namespace.js'

export interface EnterOptions {
  readonly perl: string
  readonly arch: KnownArch
  readonly tools: HostTools
  readonly maps?: IdMaps
}

/**
 * The beginning of a command line that runs its rest in the namespaces in which containers are made: the same ids, and
 * mounts that end with it. It is killed when the thread that started it ends.
 */
export function enterCommand({ perl, arch, tools, maps }: EnterOptions): string[] {
  const namespace = maps === undefined ? [] : userNamespace(maps, tools).slice(1).map(String)
  return [perl, '-f', '-e', enterProgram(arch), String(namespace.length), ...namespace]
}

function enterProgram(arch: KnownArch): string {
  return withNumbers(
    arch,
    String.raw`
${PERL_USER_NAMESPACE}
$control = \*STDERR;
my @user = splice(@ARGV, 0, shift(@ARGV));
new_user_namespace(@user) if @user;
die_with_parent();
check(call('unshare', 0x20000), 'unshare mounts');
check(call('mount', 'none', '/', 0, (1 << 18) | 16384, 0), 'make mounts private');
exec { $ARGV[0] } @ARGV;
fail("run $ARGV[0]");
`,
  )
}
