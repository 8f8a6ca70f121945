/** Without mounts: what a container finds for as long as it runs, and what is as it was when it has ended. */
export const PERL_SUBSTITUTE: string = `
# Times of access and of the last change, to the nanosecond: AT_FDCWD, and for a link AT_SYMLINK_NOFOLLOW.
sub times_of {
  my ($path) = @_;
  my $buffer = "\0" x 256;
  my $copy = $path;
  check(syscall($number{statx}, -100, $copy, 0, 0x7ff, $buffer), 'statx');
  my ($accessed, $accessed_rest, $changed, $changed_rest) = unpack('x64 q L x4 x32 q L', $buffer);
  return pack('q4', $accessed, $accessed_rest, $changed, $changed_rest);
}

sub set_times { my ($path, $times, $flags) = @_; call('utimensat', -100, $path, $times, $flags) }

sub substitute {
  my ($target, $mode, $uid, $gid, $content) = @_;
  my $limit = 1 << 20;
  my $before = inside($target);
  my ($old, @was, $times);
  if ($before != -1) {
    @was = stat(of_fd($before)) or fail('stat');
    $times = times_of(of_fd($before));
    fail("$target of the image is no file that can be put aside", 22) unless ($was[2] & 0170000) == 0100000 && $was[7] <= $limit;
    open(my $file, '<', of_fd($before)) or fail("open $target");
    defined(sysread($file, $old, $limit)) or fail("read $target");
    close($file);
  }
  my ($above, $name) = $target =~ m{^(.*?)/*([^/]+)/*$} or fail("$target is no file", 22);
  my $parent = place($above, 0040000);
  my $parent_times = times_of(of_fd($parent));
  my $path = of_fd($parent) . "/$name";
  # A link to the file itself is put aside: what it leads to stays as it is.
  my $link = readlink($path);
  my $swap = sub { my ($make) = @_; unlink($path); $make->(); set_times(of_fd($parent), $parent_times, 0) };
  $swap->(sub { new_file($path, oct($mode), $uid + 0, $gid + 0, $content) });
  push @undo, sub {
    # A step that removed the directory, or made one of the file, wants it so.
    return if (stat(of_fd($parent)))[3] == 0 || -d $path && !-l $path;
    $swap->(sub {
      if (defined $link) { symlink($link, $path) }
      elsif (defined $old) { new_file($path, $was[2] & 07777, @was[4, 5], $old); set_times($path, $times, 0x100) }
    });
  };
}

# Something of the builder's in the place of what the image has there. The directory above is held open: wherever a
# step has moved it, what was lent is taken from there, if it is still what was lent.
sub lend {
  my ($source, $target, $aside) = @_;
  my @lent = lstat($source) or fail("open $source");
  my $kind = $lent[2] & 0170000;
  my ($above, $name) = $target =~ m{^(.*?)/*([^/]+)/*$} or fail("$target is no place for a mount", 22);
  my $old = inside($target);
  my ($parent, $is_there);
  if ($old == -1) {
    fail("open $target in the container") unless $! == 2;
    $parent = place($above eq '' ? '/' : $above, 0040000);
    # A link that leads nowhere is there as well.
    $is_there = lstat(of_fd($parent) . "/$name");
  }
  else {
    # Where a link leads to is put aside, not the link. Nothing of the container runs yet.
    my $real = readlink(of_fd($old)) // fail("open $target");
    fail("$target of the image is " . ($kind == 0040000 ? 'no directory' : 'a directory'), 20)
      if ($kind == 0040000) != (kind_of($old) == 0040000);
    call('close', $old);
    ($above, $name) = $real =~ m{^(.*)/([^/]+)$} or fail("$target is no place for a mount", 22);
    $parent = check(open_how(-100, $above, 0, 0), "open $above");
    $is_there = 1;
  }
  my $parent_times = times_of(of_fd($parent));
  my $path = of_fd($parent) . "/$name";
  if ($is_there) { rename($path, $aside) or fail("put $target aside") }
  if (!rename($source, $path)) {
    my $errno = $!+0;
    rename($aside, $path) if $is_there;
    fail("put a mount at $target", $errno);
  }
  set_times(of_fd($parent), $parent_times, 0);
  push @undo, sub {
    my @found = lstat($path);
    rename($path, $source) if @found && $found[0] == $lent[0] && $found[1] == $lent[1];
    rename($aside, $path) if $is_there;
    set_times(of_fd($parent), $parent_times, 0);
  };
}

sub lend_node {
  my ($directory, $name, $major, $minor) = @_;
  my $parent = place($directory, 0040000);
  my $parent_times = times_of(of_fd($parent));
  my $path = of_fd($parent) . "/$name";
  return if lstat($path);
  # EPERM: a user namespace has no devices.
  return if call('mknodat', $parent, $name, 0020666, $major * 256 + $minor) == -1;
  chmod(0666, $path);
  push @undo, sub {
    my @found = lstat($path);
    unlink($path) if @found && ($found[2] & 0170000) == 0020000;
    set_times(of_fd($parent), $parent_times, 0);
  };
}
`
