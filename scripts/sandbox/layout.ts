// Where things of one sandbox are, and what they are called.
import { resolve } from 'node:path';

export const repo = resolve(import.meta.dirname, '../..');

export interface Layout {
  readonly prefix: string;
  readonly root: string;
  readonly lib: string;
  readonly etc: string;
  readonly run: string;
  /** Says that the folder is ours, and which accounts and groups we made. */
  readonly mark: string;
  readonly client: string;
  readonly home: string;
  readonly keys: string;
  readonly gatedGroup: string;
  readonly serviceAccount: string;
  readonly sessionAccount: string;
  readonly sudoRule: string;
  /** The GECOS field of every account of this sandbox. */
  readonly gecos: string;
  /** Directories of the cgroup v2 tree that belong to this sandbox, by name. */
  readonly cgroups: { readonly keeper: string; readonly sandbox: string };
}

/** @throws when the prefix could not be part of an account's name. */
export function layoutOf(prefix: string): Layout {
  // 32 is Linux' limit for an account's name; the longest suffix is "-tmux-gate".
  if (!/^[a-z][a-z0-9]{0,15}$/.test(prefix)) throw new Error(`not a sandbox prefix: ${JSON.stringify(prefix)}`);
  const root = `/opt/tmux-gate-${prefix}`;
  return {
    prefix,
    root,
    lib: `${root}/usr/lib/tmux-gate`,
    etc: `${root}/etc/tmux-gate`,
    run: `${root}/run/tmux-gate`,
    mark: `${root}/.tmux-gate-sandbox.json`,
    client: `${root}/client`,
    home: `${root}/home`,
    keys: `${root}/etc/ssh-keys`,
    gatedGroup: `${prefix}-gated`,
    serviceAccount: `${prefix}-tmux-gate`,
    sessionAccount: `${prefix}-dba`,
    sudoRule: `/etc/sudoers.d/${prefix}-tmux-gate`,
    gecos: `tmux-gate sandbox ${prefix}`,
    cgroups: { keeper: `tmux-gate-${prefix}`, sandbox: `sandbox-tmux-gate-${prefix}` },
  };
}
