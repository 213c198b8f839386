// Where a host gets back what tmux-gate came with: from its package, or from a checkout.

/** What installed tmux-gate on a host. */
export type InstalledBy = 'deb' | 'rpm' | 'checkout';

/** What was installed, and how to have it again. */
export interface Shipped {
  /** Puts programs, service account and templates back: what to do, as a clause. */
  readonly again: string;
  /** The sudo rule. */
  readonly sudoers: string;
  /** The configuration of the sessions' tmux. */
  readonly tmuxConf: string;
}

/** By a package manager's word for it; a package that was installed from a file is given to it by its path again. */
const packaged = (command: string): Shipped => ({
  again: `reinstall the package: ${command} tmux-gate (or the path of its file)`,
  sudoers: '/usr/share/tmux-gate/sudoers',
  tmuxConf: '/usr/share/tmux-gate/tmux.conf',
});

const all: Readonly<Record<InstalledBy, Shipped>> = {
  deb: packaged('apt install --reinstall'),
  rpm: packaged('dnf reinstall'),
  checkout: {
    again: 'run deploy/install.sh of the checkout',
    sudoers: 'deploy/sudoers of the checkout',
    tmuxConf: 'deploy/tmux.conf',
  },
};

export const shippedBy = (by: InstalledBy): Shipped => all[by];
