/** What is seen of a process that waits for requests. */
export const HELPER_NAME = 'cooper: helper of RUN steps'

/** The number after which the builder writes none: nobody works any more. */
export const NO_MORE = 0xffffffff

/**
 * How the program comes by its requests. `serve` stays for many: the builder is large, and a copy of it for each
 * container takes longer than the container. For each number that the builder writes it makes a child with five pipes,
 * whose other ends the builder opens by the names that /proc has for them. `once` is for a single one, whose input and
 * output are the builder's own.
 */
export const PERL_SERVER: string = String.raw`
sub take_control {
  my ($builder) = @_;
  open($control, '+<&=', 3) or exit 125;
  close_others(4);
  # FD_CLOEXEC
  fcntl($control, 2, 1);
  die_with_parent();
  exit 125 if getppid() != $builder;
}

sub once {
  take_control(@_);
  $requests = $control;
  serve_request();
}

sub serve {
  take_control(@_);
  $0 = '${HELPER_NAME}';
  serve_requests();
}

# The same for containers that open no other devices than a control group allows. Who is outside of it removes it when
# all that were in it have ended, and therefore is not killed together with the builder.
sub serve_in_group {
  my ($builder, $directory, $program) = ($_[0], map { pack('H*', $_) } @_[1, 2]);
  take_control($builder);
  $0 = '${HELPER_NAME}';
  my $server = fork() // fail('fork');
  if (!$server) {
    die_with_parent();
    guard_devices($directory, $program) if length($program);
    put_file("$directory/cgroup.procs", '0');
    serve_requests();
  }
  # PR_SET_PDEATHSIG
  call('prctl', 1, 0, 0, 0, 0);
  close($control);
  waitpid($server, 0);
  for (1 .. 1000) { last if rmdir($directory) || $! != 16; select(undef, undef, undef, 0.001) }
  leave(0);
}

# BPF_PROG_LOAD of BPF_PROG_TYPE_CGROUP_DEVICE, BPF_PROG_ATTACH with BPF_F_ALLOW_MULTI.
sub guard_devices {
  my ($directory, $program) = @_;
  my $license = "Apache-2.0\0";
  my $load = pack('L L P P L L Q L L', 15, length($program) / 8, $program, $license, 0, 0, 0, 0, 0);
  my $loaded = check(call('bpf', 5, $load, length($load)), 'load the program for devices');
  opendir(my $group, $directory) or fail("open $directory");
  my $attach = pack('L L L L', fileno($group), $loaded, 6, 2);
  check(call('bpf', 8, $attach, length($attach)), 'attach the program for devices');
  call('close', $loaded);
}

# The builder is told when one of them is gone, and how it ended.
sub serve_requests {
  my ($server, %id_of) = ($$);
  pipe(my $ended, my $ending) or fail('pipe');
  $SIG{CHLD} = sub { syswrite($ending, 'e') };
  while (1) {
    my $readable = '';
    vec($readable, fileno($_), 1) = 1 for $control, $ended;
    # perl calls the handler between its own steps: a signal that comes at the last moment before the call is not heard
    # until that returns.
    my $heard = select($readable, undef, undef, %id_of ? 0.05 : undef);
    next if $heard < 0;
    if ($heard == 0 || vec($readable, fileno($ended), 1)) {
      sysread($ended, my $bytes, 64) if $heard;
      while ((my $gone = waitpid(-1, 1)) > 0) { inform('gone', delete $id_of{$gone}, $?) }
    }
    next unless vec($readable, fileno($control), 1);
    leave(0) unless (sysread($control, my $number, 4) // 0) == 4;
    my $id = unpack('N', $number);
    # Who waits for a request gets none any more. Nobody else would reap them.
    if ($id == ${NO_MORE}) { kill('KILL', keys %id_of); 1 while waitpid(-1, 0) > 0; leave(0) }
    my $child = fork();
    if (!defined $child) { inform('none', $id, $!+0); next }
    if ($child) { $id_of{$child} = $id; next }
    $SIG{CHLD} = 'DEFAULT';
    die_with_parent();
    exit 125 if getppid() != $server;
    close($_) for $ended, $ending;
    attend($id);
    serve_request();
  }
}

# Requests, messages, the two outputs of the container, and what the helpers say for themselves.
sub attend {
  my ($id) = @_;
  my (@theirs, @ours);
  for my $which (0 .. 4) {
    pipe(my $reading, my $writing) or inform('none', $id, $!+0), exit 125;
    push @theirs, $which == 0 ? $writing : $reading;
    push @ours, $which == 0 ? $reading : $writing;
  }
  inform('child', $id, $$, map { fileno($_) } @theirs);
  ($requests, my ($messages, $out, $err, $words)) = @ours;
  # A first byte: the builder has opened its ends.
  sysread($requests, my $byte, 1) or exit 125;
  close($_) for @theirs, $control;
  $control = $messages;
  @output = ($out, $err);
  open(STDERR, '>&', $words) or fail('dup');
}
`
