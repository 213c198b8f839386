// The options of the verbs and of every command of the CLI, for --help and for tmux-gate(8). A host command has its own in commands/.

/** Options of the verbs. */
export const flagOptions = {
  for: { type: 'string', describe: 'how long, such as 20m' },
  reason: { type: 'string', describe: 'why' },
  json: { type: 'boolean', describe: 'for programs' },
  all: { type: 'boolean', describe: 'everyone, instead of one login' },
  since: { type: 'string', describe: 'records since then, in UTC: 7d, yesterday, 2026-11-28' },
  login: { type: 'string', describe: 'only this login' },
  session: { type: 'string', describe: 'only this session' },
  approver: { type: 'string', describe: 'only what this login reviewed' },
  csv: { type: 'boolean', describe: 'for spreadsheets' },
  view: { type: 'boolean', describe: 'watch only, type nothing' },
  follow: { type: 'boolean', describe: 'a live connection, as it goes on' },
  prepare: { type: 'boolean', describe: 'make the next key, for peers; it signs nothing yet' },
  leaked: { type: 'boolean', describe: 'somebody else may have the key: it ends at once' },
  fleet: { type: 'boolean', describe: 'on every host of the fleet' },
  force: { type: 'boolean', describe: 'even if this host does not know the login' },
  period: { type: 'string', describe: 'which period, in UTC: 2026-Q3, 2026-07, 2026-07-01..2026-09-30' },
  'looked-at': { type: 'string', describe: 'sign off the listing with this SHA-256' },
} as const;

export const plainOption = {
  type: 'boolean',
  describe: 'no colours, no moving lines (or TMUX_GATE_PLAIN=1, NO_COLOR=1)',
} as const;
