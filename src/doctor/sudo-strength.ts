// Which sudo rules let a person become root. A rule that is not known to be harmless counts as one of them.

/** Programs that run others, write any file, or load code: whoever may run one as root can become root. */
const strong = new Set(
  [
    'ALL sh bash dash zsh ksh fish csh tcsh busybox env su sudo sudoedit runuser setpriv nsenter unshare chroot timeout nice xargs',
    'vi vim nvim view ex ed nano emacs less more most man pager visudo vipw vigr crontab at batch',
    'find awk gawk mawk sed tee dd cp mv ln install rsync scp sftp ssh tar cpio zip unzip chmod chown chgrp setfacl mount umount',
    'perl python python2 python3 ruby lua node php tclsh expect gdb strace ltrace git make gcc cc ld',
    'apt apt-get aptitude dpkg yum dnf rpm zypper snap pip pip3 npm gem',
    'systemctl service journalctl systemd-run machinectl docker podman lxc lxd kubectl virsh',
    'useradd usermod groupmod gpasswd passwd chpasswd chsh tmux screen script socat nc ncat mysql psql',
  ].flatMap((row) => row.split(' ')),
);

/** Those of the rules that let a person become root, such as `(root) NOPASSWD: /usr/bin/systemctl restart postgresql, /bin/sh`. */
export function strongRules(rules: readonly string[]): readonly string[] {
  return rules.filter((rule) => {
    const [, runAs = 'root', commands = ''] = /^(?:\(([^)]*)\)\s*)?(.*)$/.exec(rule) ?? [];
    return becomesRoot(runAs) && commands.split(/,\s*/).some(isStrong);
  });
}

/** Whether a rule runs commands as root: `(ALL : ALL)`, `(root)`, `(#0)` and no account at all do; `(postgres)` alone does not. */
function becomesRoot(runAs: string): boolean {
  const users = (runAs.split(':')[0] ?? '').split(',').map((user) => user.trim());
  return users.some((user) => ['', 'ALL', 'root', '#0'].includes(user) || user.startsWith('%') || user.startsWith('!'));
}

function isStrong(command: string): boolean {
  const bare = command.replace(/^(?:[A-Z_]+:\s*)+/, '');
  const [program = ''] = bare.split(' ');
  if (bare.startsWith('!')) return false;
  if (program === 'ALL' || program.endsWith('/') || /[*?[\]]/.test(bare)) return true;
  return (
    strong.has((program.split('/').at(-1) ?? '').replace(/[\d.]+$/, '')) || strong.has(program.split('/').at(-1) ?? '')
  );
}
