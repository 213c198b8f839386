// Where everything is, under a root prefix: "" on a host, a folder of its own in a sandbox. Programs find the prefix from
// their own path, so no argument and no environment variable can point them elsewhere (docs/design.md, "One visit").

const programs = '/usr/lib/tmux-gate';

export interface Layout {
  readonly root: string;
  readonly programs: string;
  readonly config: string;
  readonly tmuxConf: string;
  readonly run: string;
  readonly keeperSocket: string;
  /** Where a gate that outlived its keeper reports back; the only socket that the service account can open. */
  readonly rejoinSocket: string;
  readonly sessions: string;
  readonly connections: string;
  /** The live grants, for a keeper that starts while Redis is away. */
  readonly grants: string;
  readonly redisRun: string;
  readonly state: string;
  readonly keys: string;
  readonly journal: string;
  /** Where the journal was when it was last written, and what root accepted in its place: outside its folder. */
  readonly journalAnchor: string;
  readonly journalAccepted: string;
  readonly recordings: string;
  /** Records that are owed to the journal. */
  readonly outbox: string;
  /** Temporary homes of dedicated sessions, by the session's id. */
  readonly homes: string;
  readonly redisData: string;
  readonly tombstones: string;
  readonly pins: string;
  readonly refresh: string;
  readonly locks: string;
  readonly breakGlass: string;
  /** Who has signed in here lately. */
  readonly directory: string;
}

/** @param root prefix without a trailing slash; empty on a host. */
export function layoutAt(root: string): Layout {
  const run = `${root}/run/tmux-gate`;
  const state = `${root}/var/lib/tmux-gate`;
  return {
    root,
    programs: `${root}${programs}`,
    config: `${root}/etc/tmux-gate/config.yaml`,
    tmuxConf: `${root}/etc/tmux-gate/tmux.conf`,
    run,
    keeperSocket: `${run}/keeper.sock`,
    rejoinSocket: `${run}/rejoin/sock`,
    sessions: `${run}/s`,
    connections: `${run}/c`,
    grants: `${run}/grants.json`,
    redisRun: `${run}/redis`,
    state,
    keys: `${state}/keys`,
    journal: `${state}/journal`,
    journalAnchor: `${state}/journal-anchor.json`,
    journalAccepted: `${state}/journal-accepted.json`,
    recordings: `${state}/recordings`,
    outbox: `${state}/outbox`,
    homes: `${state}/homes`,
    redisData: `${state}/redis`,
    tombstones: `${state}/tombstones.json`,
    pins: `${state}/pins.json`,
    refresh: `${state}/refresh.json`,
    locks: `${state}/locks.json`,
    breakGlass: `${state}/break-glass.json`,
    directory: `${state}/directory.json`,
  };
}

/**
 * The layout that a program belongs to, from the folder it lies in.
 * @throws Error when the folder is not an installed one.
 */
export function layoutOf(folder: string): Layout {
  if (!folder.endsWith(programs)) throw new Error(`not installed under ${programs}`);
  return layoutAt(folder.slice(0, -programs.length));
}

/** The name of our part of the cgroup tree: one a prefix, so that a sandbox never meets the host's. */
export function cgroupName(root: string): string {
  return root === '' ? 'tmux-gate' : root.slice(root.lastIndexOf('/') + 1);
}
