/**
 * Files and mounts. Those of the builder's own directories are reached by path. Everything in the root of a container is
 * looked up with openat2(2) as if that directory were the root, without the links of /proc, and used by descriptor:
 * nothing that an image holds can lead a mount, a new directory or the working directory elsewhere.
 */
export const PERL_FILES: string = String.raw`
our ($root, $working, @undo);
my ($RDONLY, $NOSUID, $NODEV, $NOEXEC, $REMOUNT, $BIND, $REC) = (1, 2, 4, 8, 32, 4096, 16384);
my ($O_PATH, $O_CLOEXEC) = (0x200000, 0x80000);
my ($S_IFMT, $S_IFDIR, $S_IFREG, $S_IFLNK) = (0170000, 0040000, 0100000, 0120000);

sub mount_path {
  my ($source, $target, $type, $flags, $data) = @_;
  my $result = call('mount', $source, $target, $type eq '' ? 0 : $type, $flags + 0, $data eq '' ? 0 : $data);
  check($result, $type eq '' ? "mount $source" : "mount $type on $target");
}

sub open_how { my ($directory, $path, $flags, $resolve) = @_;
  my $how = pack('Q3', $O_PATH | $O_CLOEXEC | $flags, 0, $resolve);
  my $fd;
  # EAGAIN: something was renamed while .. was followed.
  for (1 .. 100) { $fd = call('openat2', $directory, $path, $how, 24); last unless $fd == -1 && $! == 11 }
  return $fd;
}

# RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS
sub inside { my ($path) = @_; return open_how($root, $path, 0, 0x12) }

sub of_fd { return "/proc/self/fd/$_[0]" }

sub kind_of { my ($fd) = @_; my @stat = stat(of_fd($fd)) or fail('stat'); return $stat[2] & $S_IFMT }

# The descriptor of a target in the container; what is missing is made, directories above it as well, and unless it
# is strict also what a link names.
sub place {
  my ($target, $kind, $strict) = @_;
  my @names = grep { $_ ne '' && $_ ne '.' } split(m{/}, $target);
  my $links = 0;
  RETRY: {
    my $fd = inside(join('/', '.', @names));
    return $fd if $fd != -1;
    fail("open $target in the container") unless $! == 2;
    my $parent = inside('.');
    for my $at (0 .. $#names) {
      my $next = inside(join('/', '.', @names[0 .. $at]));
      if ($next == -1) {
        fail("open $target in the container") unless $! == 2;
        my $name = $names[$at];
        my $result = $at < $#names || $kind == $S_IFDIR
          ? call('mkdirat', $parent, $name, 0755)
          : call('mknodat', $parent, $name, $S_IFREG | 0644, 0);
        if ($result == -1) {
          # A link that leads nowhere: what it leads to is made.
          my $link = $! == 17 && !$strict ? readlink(of_fd($parent) . "/$name") : undef;
          fail("make $target in the container") unless defined $link && $links++ < 40;
          my @rest = @names[$at + 1 .. $#names];
          my @before = $link =~ m{^/} ? () : @names[0 .. $at - 1];
          @names = (@before, (grep { $_ ne '' && $_ ne '.' } split(m{/}, $link)), @rest);
          call('close', $parent);
          redo RETRY;
        }
        $next = inside(join('/', '.', @names[0 .. $at]));
        check($next, "open $target in the container");
      }
      call('close', $parent);
      $parent = $next;
    }
    return $parent;
  }
}

# The flags that mount(2) must repeat when it changes others: those of a mount from another user namespace are locked.
sub flags_of {
  my ($fd) = @_;
  my $buffer = "\0" x 256;
  check(syscall($number{fstatfs}, $fd + 0, $buffer), 'fstatfs');
  my $flags = unpack('Q', substr($buffer, 80, 8));
  return ($flags & 0xc0f) | ($flags & 0x1000 ? 1 << 21 : 0);
}

sub add_flags {
  my ($target, $flags) = @_;
  my $fd = check(inside($target), "open $target in the container");
  mount_path('none', of_fd($fd), '', $BIND | $REMOUNT | flags_of($fd) | $flags, '');
  call('close', $fd);
}

sub attach {
  my ($target, $source, $type, $flags, $data) = @_;
  my $fd = place($target, $S_IFDIR);
  fail("$target of the image is no directory", 20) unless kind_of($fd) == $S_IFDIR;
  mount_path($source, of_fd($fd), $type, $flags, $data);
  call('close', $fd);
}

# A tree as it is: the mounts below it come along, each with the flags.
sub bind_tree {
  my ($source, $target) = @_;
  my $fd = place($target, $S_IFDIR);
  mount_path($source, of_fd($fd), '', $BIND | $REC, '');
  call('close', $fd);
  $fd = check(inside($target), "open $target");
  # MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC; AT_EMPTY_PATH, AT_RECURSIVE
  my $result = call('mount_setattr', $fd, '', 0x9000, pack('Q4', 15, 0, 0, 0), 32);
  fail('mount_setattr') if $result == -1 && $! != 38;
  call('close', $fd);
  # Before Linux 5.12: what is mounted below keeps its flags, and is protected by its owners alone.
  add_flags($target, $RDONLY | $NOSUID | $NODEV | $NOEXEC) if $result == -1;
}

# Only who owns the network may mount /sys anew. For others it is that of the machine, with all that is mounted there.
sub attach_sys {
  my ($flags, $cgroup2) = @_;
  my $fd = place('/sys', $S_IFDIR);
  my $result = call('mount', 'sysfs', of_fd($fd), 'sysfs', $flags, 0);
  my $errno = $!+0;
  call('close', $fd);
  if ($result == -1) {
    fail('mount sysfs', $errno) unless $errno == 1;
    bind_tree('/sys', '/sys');
  }
  elsif ($cgroup2) { attach('/sys/fs/cgroup', 'cgroup2', 'cgroup2', $flags, '') }
}

sub bind_in {
  my ($source, $target, $flags) = @_;
  # O_NOFOLLOW is another bit on other processors; a link is known by its kind. RESOLVE_NO_MAGICLINKS
  my $from = check(open_how(-100, $source, $no_follow, 2), "open $source");
  my $kind = kind_of($from);
  fail("$source is a symbolic link", 40) if $kind == $S_IFLNK;
  my $to = place($target, $kind);
  fail("$target of the image is " . ($kind == $S_IFDIR ? 'no directory' : 'a directory'), $kind == $S_IFDIR ? 20 : 21)
    if ($kind == $S_IFDIR) != (kind_of($to) == $S_IFDIR);
  mount_path(of_fd($from), of_fd($to), '', $BIND, '');
  call('close', $_) for $from, $to;
  add_flags($target, $flags) if $flags;
}

sub make_node {
  my ($directory, $name, $major, $minor) = @_;
  my $fd = place($directory, $S_IFDIR);
  my $umask = umask(0);
  check(call('mknodat', $fd, $name, 0020666, $major << 8 | $minor), "make $directory/$name");
  umask($umask);
  call('close', $fd);
}

# Hidden as a container of Docker hides it; what is not there needs no hiding.
sub mask {
  my ($target) = @_;
  my $fd = inside($target);
  return if $fd == -1;
  if (kind_of($fd) == $S_IFDIR) { mount_path('tmpfs', of_fd($fd), 'tmpfs', $RDONLY | $NOSUID | $NODEV | $NOEXEC, '') }
  else {
    my $null = check(inside('/dev/null'), 'open /dev/null');
    mount_path(of_fd($null), of_fd($fd), '', $BIND, '');
    call('close', $null);
  }
  call('close', $fd);
}

sub freeze {
  my ($target) = @_;
  my $fd = inside($target);
  return if $fd == -1;
  mount_path(of_fd($fd), of_fd($fd), '', $BIND | $REC, '');
  call('close', $fd);
  add_flags($target, $RDONLY);
}

sub new_file {
  my ($path, $mode, $uid, $gid, $content) = @_;
  # O_WRONLY, O_CREAT, O_EXCL
  sysopen(my $file, $path, 1 | 0100 | 0200, 0600) or fail("make $path");
  my $done = 0;
  while ($done < length($content)) { $done += syswrite($file, $content, length($content) - $done, $done) // fail("write $path") }
  chown($uid, $gid, $file) || fail("give $path to $uid:$gid") if $uid || $gid;
  chmod($mode, $file) || fail("chmod $path");
  close($file);
}
`
