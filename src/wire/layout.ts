// The paths of all files, under a root prefix: "" on a host, a folder of its own in a sandbox. Programs find the prefix from their own
// path. Attack: an argument or an environment variable that points them to other files (docs/design.md, "One visit").

const programs = '/usr/lib/tmux-gate';

/** Paths; `root` is the prefix of all others. */
export interface Layout {
  readonly root: string;
  readonly programs: string;
  readonly config: string;
  readonly tmuxConf: string;
  /** The configuration of sshd, as `status` looks at it. */
  readonly sshdConfig: string;
  readonly run: string;
  readonly keeperSocket: string;
  /** The socket for gates that outlived their keeper; the only one that the service account can open. */
  readonly rejoinSocket: string;
  readonly sessions: string;
  readonly connections: string;
  /** A copy of the live grants, for a keeper that starts while Redis is away. */
  readonly grants: string;
  readonly redisRun: string;
  readonly state: string;
  /** The number of the format of all that is below `state`. */
  readonly stateFormat: string;
  readonly keys: string;
  readonly journal: string;
  /** Where the journal was when it was last written, and which change of it root accepted; both outside the journal's folder. */
  readonly journalAnchor: string;
  readonly journalAccepted: string;
  /** How far the witnesses of this host's journal have come. */
  readonly witnesses: string;
  /** What this host has cosigned of the journals of its peers. */
  readonly witnessed: string;
  readonly recordings: string;
  /** What is known of each recording that is live, or is not sealed yet. */
  readonly unsealed: string;
  /** What `find` searches: made from the recordings, and made anew when it is missing. */
  readonly searchIndex: string;
  /** Which recordings are held. */
  readonly holds: string;
  /** Entries for records that are owed to the journal. */
  readonly outbox: string;
  /** Temporary homes of dedicated sessions, by the session's id. */
  readonly homes: string;
  readonly redisData: string;
  readonly tombstones: string;
  /** Who asked for other hosts here. */
  readonly askedHere: string;
  readonly pins: string;
  readonly refresh: string;
  readonly locks: string;
  readonly breakGlass: string;
  /** Recent users: who signed in on this host. */
  readonly directory: string;
}

/** The paths under a root prefix. @param root without a trailing slash; empty on a host */
export function layoutAt(root: string): Layout {
  const run = `${root}/run/tmux-gate`;
  const state = `${root}/var/lib/tmux-gate`;
  return {
    root,
    programs: `${root}${programs}`,
    config: `${root}/etc/tmux-gate/config.yaml`,
    tmuxConf: `${root}/etc/tmux-gate/tmux.conf`,
    sshdConfig: `${root}/etc/ssh/sshd_config`,
    run,
    keeperSocket: `${run}/keeper.sock`,
    rejoinSocket: `${run}/rejoin/sock`,
    sessions: `${run}/s`,
    connections: `${run}/c`,
    grants: `${run}/grants.json`,
    redisRun: `${run}/redis`,
    state,
    stateFormat: `${state}/format`,
    keys: `${state}/keys`,
    journal: `${state}/journal`,
    journalAnchor: `${state}/journal-anchor.json`,
    journalAccepted: `${state}/journal-accepted.json`,
    witnesses: `${state}/witnesses.json`,
    witnessed: `${state}/witnessed`,
    recordings: `${state}/recordings`,
    unsealed: `${state}/unsealed`,
    searchIndex: `${state}/search/index.db`,
    holds: `${state}/holds.json`,
    outbox: `${state}/outbox`,
    homes: `${state}/homes`,
    redisData: `${state}/redis`,
    tombstones: `${state}/tombstones.json`,
    askedHere: `${state}/asked-here.json`,
    pins: `${state}/pins.json`,
    refresh: `${state}/refresh.json`,
    locks: `${state}/locks.json`,
    breakGlass: `${state}/break-glass.json`,
    directory: `${state}/directory.json`,
  };
}

/**
 * The paths for a program, from the folder that the program is in.
 * @throws Error when that is not the programs' folder of a layout.
 */
export function layoutOf(folder: string): Layout {
  if (!folder.endsWith(programs)) throw new Error(`not installed under ${programs}`);
  return layoutAt(folder.slice(0, -programs.length));
}

/** The name of the product's cgroup: one for each root prefix, so that a sandbox never uses the host's. */
export function cgroupName(root: string): string {
  return root === '' ? 'tmux-gate' : root.slice(root.lastIndexOf('/') + 1);
}
