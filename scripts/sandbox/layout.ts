// The paths and names of a sandbox.
import { resolve } from 'node:path';

export const repo = resolve(import.meta.dirname, '../..');

export interface Layout {
  readonly prefix: string;
  readonly root: string;
  readonly lib: string;
  readonly etc: string;
  readonly run: string;
  /** The file that says that the folder belongs to a sandbox, and what the sandbox made (mark.ts). */
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
  /** The names of this sandbox's cgroups. */
  readonly cgroups: { readonly keeper: string; readonly sandbox: string };
}

/** The paths and names for a prefix. @throws Error when the prefix cannot be part of an account's name */
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
