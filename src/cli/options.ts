// The options of each command of the CLI, for --help and for tmux-gate(8).

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
  force: { type: 'boolean', describe: 'even if this host does not know the login' },
} as const;

export const plainOption = {
  type: 'boolean',
  describe: 'no colours, no moving lines (or TMUX_GATE_PLAIN=1, NO_COLOR=1)',
} as const;

/** Options of the commands that need no keeper. */
export const hostOptions = {
  audit: {
    since: { type: 'string', describe: 'with show: records since then, in UTC: 7d, yesterday, 2026-11-28' },
    login: { type: 'string', describe: 'with show: only what concerns this login' },
    reason: { type: 'string', describe: 'with accept: why' },
    json: { type: 'boolean', describe: 'for programs; with show: each record as it is written' },
  },
  policy: {
    as: { type: 'string', describe: 'a login, shown in the answer' },
    group: { type: 'string', array: true, default: [], describe: 'a group that the person is in' },
    session: { type: 'string', describe: 'the session asked for' },
    reviewer: { type: 'string', describe: 'a login or claim: may they review requests for it now' },
    for: flagOptions.for,
    reason: flagOptions.reason,
    json: flagOptions.json,
  },
  doctor: {
    only: {
      type: 'string',
      array: true,
      default: [],
      describe: 'only these checks, or families of them',
    },
    except: { type: 'string', array: true, default: [], describe: 'all but these checks, or families of them' },
    login: { type: 'string', array: true, default: [], describe: 'only these gated logins' },
    group: { type: 'string', describe: 'the gated group, where the sudo rule does not name it' },
    'sshd-config': {
      type: 'string',
      default: '/etc/ssh/sshd_config',
      describe: 'the configuration file of sshd',
    },
    all: { type: 'boolean', describe: 'also what is in order, line by line' },
    json: flagOptions.json,
  },
  probe: {
    login: { type: 'string', describe: 'a gated login; without it, yours' },
    key: { type: 'string', describe: 'its private key; without it, an ssh-agent or ~/.ssh/id_*' },
    port: { type: 'number', default: 22, describe: 'the port of sshd' },
    'host-key': {
      type: 'string',
      describe: 'the key of the host, SHA256:... or a file; without it, ~/.ssh/known_hosts',
    },
    'insecure-host-key': { type: 'boolean', default: false, describe: 'accept any key of the host' },
    socket: { type: 'string', array: true, default: [], describe: 'a Unix socket of the host to try' },
    only: { type: 'string', array: true, default: [], describe: 'only these ids' },
    idle: { type: 'string', describe: 'also try an idle connection, for a time such as 40s' },
    timeout: { type: 'string', default: '10s', describe: 'how long each attempt may take' },
    json: flagOptions.json,
  },
  version: { json: flagOptions.json },
} as const;
