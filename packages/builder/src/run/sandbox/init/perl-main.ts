/**
 * Three processes for a request. The first outlives all others. The second, the keeper, is the first of a
 * PID namespace: when it ends, the kernel ends whatever is in there. It makes mounts, starts the third, which becomes
 * the container or its OCI runtime, and waits for it. Operations come in three sections, one for each.
 */
export const PERL_MAIN: string = String.raw`
our (%section, $requests, @output, $report, $tidy);

my %operation = (
  # PR_SET_PDEATHSIG: what has no PID namespace has to live on until it has ended all the others.
  outlive => sub { check(call('prctl', 1, 0, 0, 0, 0), 'prctl') },
  user => \&new_user_namespace,
  unshare => sub { check(call('unshare', $_[0] + 0), 'unshare') },
  subreaper => sub { check(call('prctl', 36, 1, 0, 0, 0), 'prctl'); $tidy = 1 },
  cgroup => sub { put_file("$_[0]/cgroup.procs", '0') },
  private => sub { mount_path('none', '/', '', (1 << 18) | 16384, '') },
  mount => \&mount_path,
  # The first set of options that this kernel knows. ENOMEM and others are not about options, and come again.
  overlay => sub {
    my ($target, $flags, @choices) = @_;
    for my $data (@choices) { return if call('mount', 'overlay', $target, 'overlay', $flags + 0, $data) == 0 }
    fail('mount an overlay');
  },
  # When the container has ended: overlayfs leaves a directory in there that only a root may remove.
  clear => sub {
    my ($target, $work) = @_;
    push @undo, sub {
      call('umount2', $target, 2);
      unlink("$work/work/incompat/volatile/dirty");
      rmdir("$work/work$_") for '/incompat/volatile', '/incompat', '';
    };
  },
  flags => sub { add_flags($_[0], $_[1] + 0) },
  mkdir => sub { mkdir($_[0], oct($_[1])) or fail("mkdir $_[0]") },
  symlink => sub { symlink($_[0], $_[1]) or fail("symlink $_[1]") },
  file => sub { new_file($_[0], oct($_[1]), $_[2] + 0, $_[3] + 0, $_[4]) },
  chdir => sub { chdir($_[0]) or fail("chdir $_[0]") },
  spawn => sub { my $status = run_and_wait(@_); fail("$_[0] ended with " . ($status >> 8), 5) if $status },
  plain => sub { fail("$_[0] of the image is a symbolic link or a file", 20) if lstat($_[1]) && !-d _ },
  # A pipe would keep whoever opens it waiting, and a device could be anything.
  regular => sub { my $fd = inside($_[0]); fail("$_[0] of the image is no plain file", 22) if $fd != -1 && kind_of($fd) != 0100000 },
  report => sub { $report = $_[0] },
  root => sub { $root = check(open_how(-100, $_[0], 0, 0), "open $_[0]") },
  attach => \&attach,
  bind => sub { bind_in($_[0], $_[1], $_[2] + 0) },
  tree => \&bind_tree,
  node => \&lend_node,
  device => \&make_node,
  sys => sub { attach_sys($_[0] + 0, $_[1] + 0) },
  link => sub {
    my $parent = place($_[1], 0040000);
    symlink($_[0], of_fd($parent) . "/$_[2]") or fail("symlink $_[1]/$_[2]");
    call('close', $parent);
  },
  mask => \&mask,
  freeze => \&freeze,
  substitute => \&substitute,
  lend => \&lend,
  hostname => sub { check(call('sethostname', $_[0], length($_[0])), 'sethostname') },
  loopback => \&raise_loopback,
  working => \&open_working,
  # What is missing may come with a mount. What leads through a link of /proc does not do, whatever the runtime says.
  reachable => sub { my $fd = inside($_[0]); $fd != -1 ? call('close', $fd) : $! == 2 || fail("open the working directory $_[0]") },
  pivot => \&enter_root,
  chroot => sub { chroot($_[0]) or fail("chroot $_[0]"); chdir('/') },
  # KEYCTL_JOIN_SESSION_KEYRING; a kernel without keys has none to give away.
  keyring => sub { call('keyctl', 1, 0) },
  rlimit => sub { check(call('prlimit64', 0, $_[0] + 0, pack('Q2', $_[1] + 0, $_[2] + 0), 0), "limit $_[3]") },
  bound => sub { bound_capabilities($_[0] + 0) },
  filter => sub { check(filter_calls(@_), 'seccomp') },
  # EACCES: only who may administer the machine can add one; that of the container around us stays.
  'filter-if-possible' => sub { fail('seccomp') if filter_calls(@_) == -1 && $! != 13 },
  session => sub { call('setsid') },
  output => sub { chown($_[0] + 0, -1, $_) || fail('chown') for @output ? (\*STDIN, @output) : () },
  groups => sub { check(call('setgroups', scalar(@_), pack('L*', @_)), 'setgroups') },
  gid => sub { my $id = $_[0] + 0; check(call('setresgid', $id, $id, $id), "setresgid $id") },
  uid => sub { my $id = $_[0] + 0; check(call('setresuid', $id, $id, $id), "setresuid $id") },
  # PR_SET_KEEPCAPS: until the program is executed.
  keep => sub { check(call('prctl', 8, 1, 0, 0, 0), 'prctl') },
  capabilities => sub { set_capabilities($_[0] + 0) },
  # EACCES: perhaps the user may enter where root may not. What has worked before is not asked again.
  enter => sub { if (defined $working && call('fchdir', $working) != -1) { call('close', $working); undef $working } },
  stay => sub { if (defined $working) { check(call('fchdir', $working), 'fchdir'); call('close', $working) } },
  start => \&start,
  tool => \&run_tool,
);

sub run { for my $step (@{ $section{$_[0]} || [] }) { my ($verb, @args) = @$step; $operation{$verb}->(@args) } }

sub read_request {
  my $take = sub {
    my ($size) = @_;
    my $data = '';
    while (length($data) < $size) { sysread($requests, $data, $size - length($data), length($data)) or exit 125 }
    return $data;
  };
  my @items = unpack('(N/a*)*', $take->(unpack('N', $take->(4))));
  my $name;
  while (@items) {
    my ($verb, $count) = splice(@items, 0, 2);
    my @args = splice(@items, 0, $count);
    if ($verb eq 'section') { $name = $args[0] } else { push @{ $section{$name} }, [$verb, @args] }
  }
}

# Ends what a container without a PID namespace left running; as a subreaper we are above all of it.
sub end_others {
  for (1 .. 10_000) {
    my (%parent, @found);
    opendir(my $list, '/proc') or return;
    for my $pid (grep { /^\d+$/ } readdir($list)) {
      open(my $file, '<', "/proc/$pid/stat") or next;
      $parent{$pid} = $2 if (<$file> // '') =~ /^.*\) (\S) (\d+)/s && $1 ne 'Z';
    }
    for my $pid (keys %parent) {
      my $above = $parent{$pid};
      for (1 .. 1000) { last unless $above; if ($above == $$) { push @found, $pid; last } $above = $parent{$above} }
    }
    1 while waitpid(-1, 1) > 0;
    return unless @found;
    kill('KILL', @found);
    select(undef, undef, undef, 0.002);
  }
}

sub redirect {
  # As perl found it: it ignores this signal itself.
  $SIG{FPE} = 'DEFAULT';
  umask(022);
  return unless @output;
  # Empty, and a pipe as under Docker.
  pipe(my $nothing, my $nobody) or fail('pipe');
  open(STDIN, '<&', $nothing) or fail('dup');
  open(STDOUT, '>&', $output[0]) or fail('dup');
  open(STDERR, '>&', $output[1]) or fail('dup');
}

sub become {
  redirect();
  run('container');
  exit 125;
}

# A program of this machine takes the place of this process, where the request has led so far.
sub run_tool {
  # F_SETPIPE_SZ: it works ahead while the builder deals with what came, and the two do not wait for one another by turns.
  fcntl($output[0], 1031, 1 << 20);
  die_with_parent();
  redirect();
  start(@_);
}

sub keep {
  my ($go) = @_;
  die_with_parent() unless $tidy;
  run('keeper');
  sysread($go, my $byte, 1) or exit 125;
  # Did the first process end before it could take us along?
  my $readable = '';
  vec($readable, fileno($go), 1) = 1;
  exit 125 if select($readable, undef, undef, 0) > 0;
  my $child = fork() // fail('fork');
  if (!$child) { close($go); become() }
  @output = ();
  my $status = 125 << 8;
  while ((my $pid = waitpid(-1, 0)) != -1) { if ($pid == $child) { $status = $?; last } }
  end_others() if $tidy;
  $_->() for reverse @undo;
  if (defined $report && open(my $file, '<', $report)) { sysread($file, my $text, 16384); inform('report', unpack('H*', $text // '')) }
  inform('end', $status);
  leave(0);
}

# Does one request: what comes after it on the same way lets the container start, and its end is the builder's.
sub serve_request {
  read_request();
  $0 = 'cooper: a RUN step';
  run('first');
  pipe(my $go, my $begin) && pipe(my $life, my $lives) or fail('pipe');
  my $keeper = fork() // fail('fork');
  if (!$keeper) {
    close($_) for $begin, $life;
    $0 = 'cooper: keeper of a RUN step';
    keep($go);
  }
  close($_) for $go, $lives, @output;
  while (1) {
    my $readable = '';
    vec($readable, fileno($_), 1) = 1 for $requests, $life;
    next if select($readable, undef, undef, undef) < 1;
    last if vec($readable, fileno($life), 1);
    if (sysread($requests, my $byte, 1)) { syswrite($begin, $byte); next }
    kill('KILL', $keeper);
    waitpid($keeper, 0);
    end_others() if $tidy;
    exit 125;
  }
  waitpid($keeper, 0);
  end_others() if $tidy;
  leave(0);
}
`
