/**
 * What the other parts of the program build upon: system calls by name, and words for the builder. A call is only ever
 * given copies, since perl refuses to hand a constant to the kernel, and numbers as numbers, since it takes a string for
 * an address.
 */
export const PERL_BASICS: string = String.raw`
use strict;
our $control;

sub call { my ($name, @args) = @_; return syscall($number{$name}, @args) }

sub inform { my $line = join("\t", @_); $line =~ s/\n/ /g; syswrite($control, "$line\n") }

# Ends this process without perl's tidying up, which takes longer than what many of them are for.
sub leave { call('exit_group', $_[0]) }

# Ends this process; the builder makes an error of it.
sub fail { my ($what, $errno) = @_; inform('fail', $errno // $!+0, $what); leave(125) }

sub check { my ($result, $what) = @_; fail($what) if $result == -1; return $result }

sub put_file {
  my ($path, $content) = @_;
  open(my $file, '>', $path) or fail("open $path");
  defined(syswrite($file, $content)) or fail("write to $path");
  close($file);
}

# PR_SET_PDEATHSIG: KILL, as soon as the thread that made this process ends.
sub die_with_parent { check(call('prctl', 1, 9, 0, 0, 0), 'prctl') }

# Descriptors that whoever started the builder left open would lead out of the container.
sub close_others {
  my ($first) = @_;
  return if call('close_range', $first, 0xffffffff, 0) == 0;
  opendir(my $list, '/proc/self/fd') or fail('open /proc/self/fd');
  call('close', $_ + 0) for grep { /^\d+$/ && $_ >= $first } readdir($list);
}
`
