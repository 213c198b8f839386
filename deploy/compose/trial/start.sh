# Starts the trial host in its container: folders and sshd, what init makes the first time, and the keeper.
set -eu
mkdir -p /run/sshd
systemd-tmpfiles --create /usr/lib/tmpfiles.d/tmux-gate.conf
/usr/sbin/sshd
# Nobody can be locked out of a container whose first process is at hand.
[ -e /etc/tmux-gate/config.yaml ] || tmux-gate init --from answers.yaml --yes --insecure-unconfirmed
exec /usr/lib/tmux-gate/keeper
