#!/usr/bin/env bash
# Installs a built tmux-gate on this host: programs, man pages, sudo rule, sshd drop-in, unit, accounts. Root; run it again to update.
# What it puts below /etc is written once: a file that is there and differs stays, and is named.
#
# 1. The sudo rule is in place only after visudo has read it: a broken file in sudoers.d breaks sudo for everybody.
# 2. The sshd drop-in is taken back when `sshd -t` does not like the whole; sshd is reloaded, never restarted.
# 3. Programs are swapped as a folder: nobody starts a gate of two versions. Live connections run on.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

readonly programs=/usr/lib/tmux-gate etc=/etc/tmux-gate
readonly sudo_rule=/etc/sudoers.d/tmux-gate drop_in=/etc/ssh/sshd_config.d/tmux-gate.conf

say() { printf 'install: %s\n' "$*"; }
fail() {
  local code=$1
  shift
  printf 'install: %s\n' "$@" >&2
  exit "$code"
}

# 0 when systemd runs this host; in a chroot or a container without it, files are all there is to do.
booted() { [[ -d /run/systemd/system ]]; }

check_host() {
  [[ $(id -u) == 0 ]] || fail 77 'run it as root'
  [[ -x dist/usr/lib/tmux-gate/keeper ]] || fail 69 'dist/ is missing: npm run build'
  local program
  for program in /usr/sbin/sshd /usr/sbin/visudo /usr/bin/sudo /usr/bin/tmux /usr/bin/setpriv; do
    [[ -x $program ]] || fail 69 "$program is missing: apt-get install openssh-server sudo tmux util-linux redis-server"
  done
  [[ -x /usr/bin/redis-server ]] || say 'note: there is no redis-server; `redis: embedded` needs it, a redis URL does not'
}

make_accounts() {
  install -D -m 0644 deploy/sysusers.conf /usr/lib/sysusers.d/tmux-gate.conf
  install -D -m 0644 deploy/tmpfiles.conf /usr/lib/tmpfiles.d/tmux-gate.conf
  systemd-sysusers /usr/lib/sysusers.d/tmux-gate.conf
  [[ $(id -gn tmux-gate) != tmux-gate ]] ||
    fail 73 'the account tmux-gate has the group of the gated logins: usermod -g tmux-gate-service tmux-gate'
  systemd-tmpfiles --create /usr/lib/tmpfiles.d/tmux-gate.conf
}

# Rule 3.
place_programs() {
  rm -rf "$programs.new" "$programs.old"
  cp -R --no-preserve=ownership dist/usr/lib/tmux-gate "$programs.new"
  chown -R root:root "$programs.new"
  chmod -R u+rwX,go+rX,go-w "$programs.new"
  if [[ -d $programs ]]; then mv "$programs" "$programs.old"; fi
  mv "$programs.new" "$programs"
  rm -rf "$programs.old"
  ln -sfn "$programs/tmux-gate" /usr/sbin/tmux-gate
}

place_man_pages() {
  install -D -m 0644 -t /usr/share/man/man5 docs/man/*.5
  install -D -m 0644 -t /usr/share/man/man8 docs/man/*.8
}

# place FROM TO MODE: 0 when it was written, 1 when it was there.
place() {
  if [[ -e $2 ]]; then
    cmp -s "$1" "$2" || say "kept $2, which differs from $1"
    return 1
  fi
  install -D -o root -g root -m "$3" "$1" "$2"
  say "wrote $2"
}

# Rule 1.
place_sudo_rule() {
  visudo -cqf deploy/sudoers || fail 65 'visudo does not accept deploy/sudoers'
  place deploy/sudoers "$sudo_rule" 0440 || true
}

# Rule 2.
place_drop_in() {
  place sshd_config.example "$drop_in" 0644 || return 0
  mkdir -p -m 0755 /run/sshd
  if ! sshd -t; then
    rm -f "$drop_in"
    fail 65 "sshd does not accept sshd_config.example together with this host's configuration; see above"
  fi
  grep -qE '^\s*Include\s+/etc/ssh/sshd_config\.d/\*\.conf' /etc/ssh/sshd_config ||
    say 'note: /etc/ssh/sshd_config does not include sshd_config.d/*.conf; add that line at its top'
  if booted; then systemctl reload ssh 2>/dev/null || systemctl reload sshd 2>/dev/null || true; fi
}

place_unit() {
  install -D -m 0644 deploy/tmux-gate.service /usr/lib/systemd/system/tmux-gate.service
  booted || return 0
  systemctl daemon-reload
  systemctl try-restart tmux-gate
}

check_host
make_accounts
place_programs
place_man_pages
install -d -m 0755 "$etc"
place deploy/config.yaml.example "$etc/config.yaml" 0600 || true
place deploy/tmux.conf "$etc/tmux.conf" 0644 || true
place_sudo_rule
place_drop_in
place_unit
say "done. Edit $etc/config.yaml, name its session accounts in DenyUsers of $drop_in, then:"
say '  tmux-gate policy check && systemctl enable --now tmux-gate && tmux-gate doctor'
