/**
 * A user namespace for the calling process. The maps are lines of uid_map(5); newuidmap(1) and newgidmap(1) write them
 * from outside; so may who has the capabilities for it (`direct`). Without these a process may map its own ids alone,
 * and give up setgroups(2) for it.
 */
export const PERL_USER_NAMESPACE: string = `
sub run_and_wait {
  my ($program, @args) = @_;
  my $child = fork() // fail('fork');
  if (!$child) { exec { $program } $program, @args; exit 127 }
  waitpid($child, 0);
  return $?;
}

# In one piece, as the kernel wants it.
sub write_map { my ($path, $map) = @_; open(my $file, '>', $path) or return 0; return defined(syswrite($file, $map)) && close($file) }

sub new_user_namespace {
  my ($uids, $gids, $newuidmap, $newgidmap) = @_;
  my $clone_newuser = 0x10000000;
  if ($newuidmap eq '') {
    check(call('unshare', $clone_newuser), 'unshare a user namespace');
    put_file('/proc/self/setgroups', 'deny');
    put_file('/proc/self/uid_map', $uids);
    put_file('/proc/self/gid_map', $gids);
    return;
  }
  my $self = $$;
  pipe(my $wait, my $begin) or fail('pipe');
  my $helper = fork() // fail('fork');
  if (!$helper) {
    close($begin);
    sysread($wait, my $byte, 1) or exit 1;
    if ($newuidmap eq 'direct') { exit(write_map("/proc/$self/uid_map", $uids) && write_map("/proc/$self/gid_map", $gids) ? 0 : 1) }
    exit(run_and_wait($newuidmap, $self, split(' ', $uids)) || run_and_wait($newgidmap, $self, split(' ', $gids)) ? 1 : 0);
  }
  close($wait);
  check(call('unshare', $clone_newuser), 'unshare a user namespace');
  syswrite($begin, 'b');
  waitpid($helper, 0);
  fail($newuidmap eq 'direct' ? 'write uid_map and gid_map' : 'newuidmap or newgidmap refused the subordinate ids', 1) if $?;
  check(call('setgroups', 0, 0), 'setgroups');
}
`
