// The verbs: one table for the grammar, help, the keeper's dispatch table, the CLI and docs/verbs.md.

/** What the grammar and the help know of a verb. */
export interface VerbSpec {
  /** What is typed after the verb, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** How many words the verb takes: minimum and maximum. */
  readonly words: readonly [number, number];
  readonly flags: readonly Flag[];
  /** Only root on the host may use it, never anybody over ssh. */
  readonly local?: boolean;
  /** It gives access, to oneself or to somebody else: a lock of everyone refuses it. */
  readonly opens?: true;
  /** What `tmux-gate VERB --help` calls its words, where they are not ids. */
  readonly word?: string;
}

export type Flag =
  | 'for'
  | 'reason'
  | 'json'
  | 'since'
  | 'login'
  | 'session'
  | 'all'
  | 'approver'
  | 'csv'
  | 'view'
  | 'force'
  | 'period'
  | 'looked-at'
  | 'follow'
  | 'prepare'
  | 'leaked'
  | 'fleet';

export const verbs = {
  attach: {
    usage: 'SESSION [--view] [--for 20m] [--reason ...]',
    summary: 'attach to a session, asking for access if needed; with --view watch only, typing nothing',
    words: [0, 1],
    flags: ['view', 'for', 'reason'],
    opens: true,
  },
  request: {
    usage: 'SESSION@HOST[,HOST...] [--view] [--for 20m] [--json] --reason ...',
    summary: 'ask for a session of several hosts at once, such as prod-db@web-[01-40]; approvers review them as one',
    words: [1, 1],
    flags: ['view', 'for', 'json', 'reason'],
    opens: true,
    word: 'target',
  },
  withdraw: { usage: 'ID', summary: 'take back a request of yours that waits', words: [1, 1], flags: [] },
  requests: { usage: '[--json]', summary: 'requests waiting for approval', words: [0, 0], flags: ['json'] },
  approve: {
    usage: 'ID [ID ...] [--for 20m] [--reason ...]',
    summary: 'approve requests, with a sign-in of your own',
    words: [1, 16],
    flags: ['for', 'reason'],
    opens: true,
  },
  deny: {
    usage: 'ID --reason ...',
    summary: 'deny a request, with a sign-in of your own',
    words: [1, 1],
    flags: ['reason'],
  },
  revoke: {
    usage: 'ID [--reason ...]',
    summary: 'end access now: whoever is attached is disconnected',
    words: [1, 1],
    flags: ['reason'],
  },
  extend: {
    usage: '[ID] 15m [--session S] --reason ...',
    summary: 'ask for more time before your access ends; you stay connected meanwhile',
    words: [1, 2],
    flags: ['session', 'reason'],
    opens: true,
    word: 'time',
  },
  'give-back': {
    usage: '[ID]',
    summary: 'end your own access early, when you are done',
    words: [0, 1],
    flags: [],
  },
  'break-glass': {
    usage: 'SESSION|review --reason ... | issue [N] | list [--json] | void ID|--all',
    summary: 'emergency access with a one-time code; a notice is sent at once',
    words: [1, 2],
    flags: ['reason', 'json', 'all'],
    opens: true,
    word: 'what',
  },
  grants: {
    usage: '[--fleet] [--json]',
    summary: 'who has access, and for how long; --fleet: on every host',
    words: [0, 0],
    flags: ['fleet', 'json'],
  },
  connections: {
    usage: '[--fleet] [--json]',
    summary: 'who is attached now; --fleet: on every host',
    words: [0, 0],
    flags: ['fleet', 'json'],
  },
  watch: {
    usage: '',
    summary: 'live dashboard of requests, grants and connections, with keys to approve, deny and revoke',
    words: [0, 0],
    flags: [],
  },
  sessions: {
    usage: '[--json]',
    summary: 'sessions you may ask for, and who approves',
    words: [0, 0],
    flags: ['json'],
  },
  whoami: { usage: '[--json]', summary: 'what tmux-gate knows about you', words: [0, 0], flags: ['json'] },
  status: { usage: '[--json]', summary: 'whether tmux-gate works on this host', words: [0, 0], flags: ['json'] },
  history: {
    usage: '[--since 7d|yesterday|2026-11-28] [--login L] [--session S] [--approver L] [--fleet] [--json|--csv]',
    summary: 'past requests: who reviewed them, who attached, how they ended',
    words: [0, 0],
    flags: ['json', 'csv', 'since', 'login', 'session', 'approver', 'fleet'],
  },
  review: {
    usage: '--period 2026-Q3 [--session S] [--json|--csv|--looked-at SHA256 --reason ...]',
    summary: 'access review: who may, who had access in a period, who may and did not; --looked-at signs it off',
    words: [0, 0],
    flags: ['period', 'session', 'json', 'csv', 'looked-at', 'reason'],
  },
  replay: {
    usage: 'ID --follow --reason ...',
    summary: "follow somebody's live connection, read-only, as an auditor whom the policy names",
    words: [1, 1],
    flags: ['follow', 'reason'],
  },
  lock: {
    usage: 'LOGIN|--all [--force] --reason ...',
    summary: 'lock a login out of every host and end its access now; --force for one that this host does not know',
    words: [0, 1],
    flags: ['all', 'force', 'reason'],
    word: 'who',
  },
  unlock: {
    usage: 'LOGIN|--all [--reason ...]',
    summary: 'lift a lock',
    words: [0, 1],
    flags: ['all', 'reason'],
    word: 'who',
  },
  locks: { usage: '[--json]', summary: 'who is locked out', words: [0, 0], flags: ['json'] },
  unpin: {
    usage: 'LOGIN',
    summary: 'forget which person a login belongs to (root on the host)',
    words: [1, 1],
    flags: [],
    local: true,
    word: 'who',
  },
  reload: {
    usage: '[--json]',
    summary: 'take the policy as it is on disk, without a restart (root on the host)',
    words: [0, 0],
    flags: ['json'],
    local: true,
  },
  keys: {
    usage: 'list|rotate [--prepare|--for 8h|--leaked] [--json] [--reason ...]',
    summary: 'the keys that sign for this host: show them, or have another one sign from now on (root on the host)',
    words: [1, 1],
    flags: ['prepare', 'for', 'leaked', 'json', 'reason'],
    local: true,
    word: 'what',
  },
  reading: {
    usage: 'WHAT [ID] [--reason ...]',
    summary:
      'journal that a recording is read, as replay, find, export and evidence do by themselves (root on the host)',
    words: [1, 2],
    flags: ['reason'],
    local: true,
    word: 'what',
  },
  hold: {
    usage: 'ID --reason ...',
    summary: 'keep the recordings of a connection, grant or request, whatever its age (root on the host)',
    words: [1, 1],
    flags: ['reason'],
    local: true,
  },
  release: {
    usage: 'ID --reason ...',
    summary: 'end a hold (root on the host)',
    words: [1, 1],
    flags: ['reason'],
    local: true,
  },
  purge: {
    usage: 'ID --reason ...',
    summary: 'remove recordings for good; the journal keeps their digests (root on the host)',
    words: [1, 1],
    flags: ['reason'],
    local: true,
  },
  help: {
    usage: '[COMMAND]',
    summary: 'this list, or one command; COMMAND --help does the same',
    words: [0, 1],
    flags: [],
  },
} as const satisfies Record<string, VerbSpec>;

export type VerbName = keyof typeof verbs;

export const verbNames = Object.keys(verbs) as readonly VerbName[];

/** Commands of the CLI that never reach the keeper: they read the journal or the policy, check the host, or try it from outside. */
export const hostCommands = {
  audit: {
    usage: 'show|verify|export|accept|checkpoint|key|proof N|witnessed [HOST]',
    summary:
      'the journal: show it, verify that nobody changed it, prove a record, export it, accept a loss with a reason; or what was cosigned of others',
  },
  evidence: {
    usage: 'ID | --period 2026-Q3 [--sample N [--seed SEED]]',
    summary: 'one file about an access, or about all accesses of a period, which somebody outside verifies alone',
  },
  recordings: {
    usage: '[--since 7d] [--login L] [--session S] [--json]',
    summary: 'what is recorded: who, when, how long, and what there is of it',
  },
  replay: {
    usage: 'ID [--from 12m|90%|TEXT] [--speed 2] [--idle-limit 2s] | ID --follow | ID --text',
    summary: 'show a recording in the terminal, follow a live connection, or print the text of its screen',
  },
  export: {
    usage: 'ID --html|--cast|--cast3 [-o FILE]',
    summary: 'write a recording to a file: a page for a browser, or asciicast v2 or v3',
  },
  find: {
    usage:
      'TEXT|/re/ [--since 7d] [--login L] [--session S] [--typed] [-i] [--limit N] [--identity FILE] [--reason ...] [--json]',
    summary: 'look for a text in what stood on the screens of all recordings, and in what was typed',
  },
  init: {
    usage: '[--from FILE] [--dry-run] | --confirm CODE | --undo',
    summary: 'set this host up: asks, shows the changes, makes them, and undoes them unless a new login confirms them',
  },
  login: {
    usage: 'add NAME --key FILE [--key ...] | remove NAME | list [--json]',
    summary: 'gated logins: accounts that own nothing and come through the gate alone',
  },
  session: {
    usage: 'add NAME --as ACCOUNT --who GROUP --approvers GROUP',
    summary: 'a session more: in the policy, with its account',
  },
  peers: {
    usage: 'add HOST --key FILE [--fingerprint F] [--replace] | remove HOST | sync INVENTORY [--prune] | list [--json]',
    summary: 'the other hosts of the fleet, whose signatures this host trusts',
  },
  backup: {
    usage: '-o FILE|- [--encrypt-to RECIPIENT ...]',
    summary: 'write policy, keys, journal, recordings and state to one file, while the keeper runs',
  },
  restore: { usage: 'FILE|- [--identity FILE]', summary: 'restore such a file to a host that has no journal' },
  policy: { usage: 'check', summary: 'check the policy, or what it would decide for somebody' },
  doctor: { usage: '', summary: "check this host's configuration; changes nothing" },
  probe: { usage: '[[LOGIN@]HOST]', summary: 'try from outside what a gated login can do' },
  version: { usage: '', summary: 'show the version' },
} as const;

export type HostCommandName = keyof typeof hostCommands;

export const hostCommandNames = Object.keys(hostCommands) as readonly HostCommandName[];

/** Whether a word is a command that only the host has. */
export function isHostCommand(word: string): word is HostCommandName {
  return Object.hasOwn(hostCommands, word);
}

/** Words of commands. No session may have one of these names. */
export const reservedNames: ReadonlySet<string> = new Set([...verbNames, ...hostCommandNames, 'issue', 'list', 'void']);

/** Whether a word is a verb. */
export function isVerb(word: string): word is VerbName {
  return Object.hasOwn(verbs, word);
}

export function specOf(verb: VerbName): VerbSpec {
  return verbs[verb];
}
