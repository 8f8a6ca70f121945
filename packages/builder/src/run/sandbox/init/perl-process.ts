/** What becomes of a process before it is the container's, and the last call of all. */
export const PERL_PROCESS: string = `
sub raise_loopback {
  # AF_INET, SOCK_DGRAM; SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
  socket(my $socket, 2, 2, 0) or fail('socket');
  my $request = pack('a16 S x22', 'lo', 0);
  ioctl($socket, 0x8913, $request) or fail('SIOCGIFFLAGS');
  my ($name, $flags) = unpack('a16 S', $request);
  $request = pack('a16 S x22', $name, $flags | 1);
  ioctl($socket, 0x8914, $request) or fail('SIOCSIFFLAGS');
}

# PR_CAPBSET_DROP for all that the mask lacks, up to the last that the kernel knows.
sub bound_capabilities {
  my ($mask) = @_;
  for my $capability (0 .. 63) {
    next if $mask & (1 << $capability);
    next if call('prctl', 24, $capability, 0, 0, 0) == 0;
    last if $! == 22;
    fail('drop a capability');
  }
}

# _LINUX_CAPABILITY_VERSION_3: effective, permitted and (none) inheritable, of the lower and of the upper 32.
sub set_capabilities {
  my ($mask) = @_;
  my $bound = 0;
  # PR_CAPBSET_READ: a container around us may have taken some away.
  for (0 .. 63) { $bound |= 1 << $_ if call('prctl', 23, $_, 0, 0, 0) == 1 }
  $mask &= $bound;
  my @sets = ($mask & 0xffffffff, $mask & 0xffffffff, 0, $mask >> 32, $mask >> 32, 0);
  check(call('capset', pack('L2', 0x20080522, 0), pack('L6', @sets)), 'capset');
}

# SECCOMP_SET_MODE_FILTER, struct sock_fprog. Allowed without no_new_privs to whoever has CAP_SYS_ADMIN.
sub filter_calls {
  my ($filter) = @_;
  return call('seccomp', 1, 0, pack('S x6 p', length($filter) / 8, $filter));
}

sub enter_root {
  my ($path) = @_;
  chdir($path) or fail("chdir $path");
  check(call('pivot_root', '.', '.'), 'pivot_root');
  # What was the root lies on top of what is: MNT_DETACH.
  check(call('umount2', '.', 2), 'umount2');
  chdir('/') or fail('chdir /');
}

sub open_working {
  my ($path) = @_;
  # A mount may cover what the image has of it: as runc, made in there, but not where a link leads.
  $working = place($path, 0040000, 1);
  fail("the working directory $path is no directory", 20) unless kind_of($working) == 0040000;
}

# As execvp(3) looks for it, without its fallback to a shell for what no loader of programs knows.
sub start {
  my ($count, @rest) = @_;
  my @args = splice(@rest, 0, $count);
  my ($path) = map { /^PATH=(.*)/s ? $1 : () } @rest;
  my @candidates = $args[0] =~ m{/} ? $args[0] : map { ($_ eq '' ? '.' : $_) . "/$args[0]" } split(/:/, $path // '', -1);
  my ($argv, $envp) = (pack('p*', @args, undef), pack('p*', @rest, undef));
  my ($errno, $tried) = (2, $args[0]);
  for my $candidate (@candidates) {
    call('execve', $candidate, $argv, $envp);
    next if $! == 2 || $! == 20;
    ($errno, $tried) = ($!+0, $candidate);
    last unless $! == 13;
  }
  inform('start', $errno, $tried);
  leave(127);
}
`
