#!/usr/bin/perl
# What the unit starts (deploy/tmux-gate.service): opens the sockets of systemd and journald, and becomes the keeper, which writes to them.
#
# 1. Both are datagram sockets of AF_UNIX, which Node can neither open nor receive, but write to once it has them. systemd takes messages
#    from the main process alone (NotifyAccess=main), and this is that process: exec(2) keeps its pid. Attack: with NotifyAccess=all, whoever
#    works in a session, whose cgroup is below that of the unit, tells systemd WATCHDOG=trigger, and the keeper is killed.
# 2. Nothing waits: a socket that is full refuses the message (O_NONBLOCK). Accident: a journald that hangs stops the keeper.
# 3. Without systemd, or where a socket cannot be opened, the keeper starts all the same, and logs to stderr.
use strict;
use warnings;

# Numbers of Linux, so that no module is needed (perl-base has them, a minimal rpm has not).
my ($af_unix, $sock_dgram, $f_setfl, $o_nonblock) = (1, 2, 4, 2048);
$^F = 255; # descriptors stay open over exec (perlvar, $SYSTEM_FD_MAX); the keeper closes them to its own children

sub connected {
  my ($path) = @_;
  return if !defined $path || $path !~ m{^[/@]};
  $path =~ s/^@/\0/;
  socket(my $socket, $af_unix, $sock_dgram, 0) or return;
  connect($socket, pack('Sa*', $af_unix, $path)) or return;
  fcntl($socket, $f_setfl, $o_nonblock) or return;
  return $socket;
}

my ($folder) = $0 =~ m{^(.*)/};
my $notify = connected($ENV{NOTIFY_SOCKET});
# JOURNAL_STREAM is set where stderr goes to the journal (systemd.exec(5)).
my $journal = defined $ENV{JOURNAL_STREAM} ? connected('/run/systemd/journal/socket') : undef;
delete @ENV{qw(NOTIFY_SOCKET TMUX_GATE_NOTIFY_FD TMUX_GATE_JOURNAL_FD)};
$ENV{TMUX_GATE_NOTIFY_FD} = fileno $notify if defined $notify;
$ENV{TMUX_GATE_JOURNAL_FD} = fileno $journal if defined $journal;
exec { "$folder/keeper" } "$folder/keeper" or die "$folder/keeper cannot be started: $!\n";
